using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JointFusion.Orchestration;

/// <summary>A certificate authority of one cluster's own: who shows a certificate of it is a member, and nobody else is.</summary>
public sealed class PrivateAuthority : IDisposable
{
    private const int SerialLength = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Clocks of machines differ.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan NodeLife = TimeSpan.FromDays(825);

    private readonly X509Certificate2 certificate;

    private PrivateAuthority(X509Certificate2 certificate) => this.certificate = certificate;

    /// <summary>The certificate alone, for those who trust it.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <summary>Whoever has it can make members.</summary>
    public string KeyPem
    {
        get
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem();
        }
    }

    public static PrivateAuthority Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=JointFusion private authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new PrivateAuthority(request.CreateSelfSigned(now - ClockSlack, now + AuthorityLife));
    }

    /// <exception cref="CryptographicException">They are no certificate and key of one authority.</exception>
    public static PrivateAuthority Of(string certificatePem, string keyPem) => new(X509Certificate2.CreateFromPem(certificatePem, keyPem));

    /// <param name="name">Of the node.</param>
    /// <param name="hosts">Names and addresses that it is reached by.</param>
    public MemberIdentity Issue(string name, IEnumerable<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Names(hosts));
        var ends = now + NodeLife < certificate.NotAfter ? now + NodeLife : new DateTimeOffset(certificate.NotAfter);
        using var issued = request.Create(certificate, now - ClockSlack, ends, RandomNumberGenerator.GetBytes(SerialLength));
        return new MemberIdentity(issued.CopyWithPrivateKey(key), X509CertificateLoader.LoadCertificate(certificate.RawData));
    }

    public void Dispose() => certificate.Dispose();

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Distinct())
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }
        return names.Build();
    }
}
