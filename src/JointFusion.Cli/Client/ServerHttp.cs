using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Connections to a server: no proxy, no cookies, no redirects, and with certificates of the cluster's own no trust in any other.</summary>
internal static class ServerHttp
{
    /// <summary>A machine that is off says nothing; another server may lead.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Of a client.</summary>
    /// <param name="certs">Folder with the authority's certificate; null: what the machine trusts.</param>
    /// <exception cref="BadInputException">The folder has none.</exception>
    public static SocketsHttpHandler ForClient(string? certs) => Create(certs is null ? null : ReadAuthority(certs), shown: null);

    /// <summary>Of an agent, which shows who it is.</summary>
    public static SocketsHttpHandler ForMember(MemberIdentity identity) => Create(identity.Authority, identity.Certificate);

    private static SocketsHttpHandler Create(X509Certificate2? authority, X509Certificate2? shown)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTime };
        if (authority is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, peer, _, errors) =>
                peer is X509Certificate2 certificate && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && AuthorityTrust.Covers(authority, certificate);
        }
        if (shown is not null)
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => shown;
        return handler;
    }

    private static X509Certificate2 ReadAuthority(string folder)
    {
        var path = new CertificateFolder(Path.GetFullPath(folder)).AuthorityCertificate;
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BadInputException($"{path}: the authority's certificate cannot be read ({unreadable.Message}). Bring it here from the machine of `jf certs init`.");
        }
    }
}
