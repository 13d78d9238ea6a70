using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>This machine's certificate and the authority it is of.</summary>
internal static class CertificateFindings
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Of(string certs, DateTimeOffset now)
    {
        var folder = new CertificateFolder(Path.GetFullPath(certs));
        try
        {
            using var identity = folder.Identity(Environment.MachineName.ToLowerInvariant());
            return
            [
                Life("authority", identity.Authority, now, "make another and all certificates anew: jf certs init, in a new folder"),
                Life("certificate", identity.Certificate, now, "where the authority is, in place of the old files: jf certs node NAME --host ADDRESS"),
                identity.Accepts(identity.Certificate) ? Finding.Ok("certificate", "of this authority")
                    : Finding.Fail("certificate", $"{identity.Certificate.Subject} is not of the authority beside it, or out of its time", "bring authority.pem and the certificate from the same jf certs"),
                Named(identity.Certificate),
                File.Exists(folder.AuthorityKey)
                    ? Finding.Warn("authority key", $"{folder.AuthorityKey} is here: whoever has it can make members", "keep it on the one machine that makes certificates, and nowhere else")
                    : Finding.Ok("authority key", "not on this machine"),
            ];
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return [Finding.Fail("certificates", unusable.Message, "jf certs node NAME where the authority is, and bring NAME.pem, NAME.key and authority.pem here")];
        }
    }

    private static Finding Life(string about, X509Certificate2 certificate, DateTimeOffset now, string wayOut)
    {
        var ends = new DateTimeOffset(certificate.NotAfter);
        var says = $"{certificate.Subject}, until {ends:yyyy-MM-dd}";
        return now >= ends ? Finding.Fail(about, $"{says}: over", wayOut) : now > ends - Soon ? Finding.Warn(about, $"{says}: soon over", wayOut) : Finding.Ok(about, says);
    }

    /// <summary>Clients refuse a server whose certificate has another name than they ask for.</summary>
    private static Finding Named(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(ip => ip.ToString()))).ToList();
        string[] own =
        [
            Environment.MachineName,
            .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address.ToString()),
        ];
        var shown = string.Join(", ", names);
        return names.Intersect(own, StringComparer.OrdinalIgnoreCase).Any()
            ? Finding.Ok("certificate names", shown)
            : Finding.Warn("certificate names", $"{shown}: none is this machine's name or an address of it", "jf certs node NAME --host ADDRESS, with those that others reach it by");
    }
}
