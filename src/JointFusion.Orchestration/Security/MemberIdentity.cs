using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JointFusion.Orchestration;

/// <summary>A certificate of a private authority, and that authority as the only one that is trusted.</summary>
/// <param name="certificate">With its private key; owned, like <paramref name="authority"/>.</param>
public sealed class MemberIdentity(X509Certificate2 certificate, X509Certificate2 authority) : ITransportIdentity, IDisposable
{
    public X509Certificate2 Certificate => certificate;

    public X509Certificate2 Authority => authority;

    public string CertificatePem => certificate.ExportCertificatePem();

    public string KeyPem
    {
        get
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem();
        }
    }

    /// <exception cref="CryptographicException">They are no certificates, or the key is another's.</exception>
    public static MemberIdentity Of(string certificatePem, string keyPem, string authorityPem) =>
        new(X509Certificate2.CreateFromPem(certificatePem, keyPem), X509Certificate2.CreateFromPem(authorityPem));

    public bool Accepts(X509Certificate2? peer) => peer is not null && AuthorityTrust.Covers(authority, peer);

    public void Dispose()
    {
        certificate.Dispose();
        authority.Dispose();
    }
}
