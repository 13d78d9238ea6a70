using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JointFusion.Orchestration;

/// <summary>An identity that lives in this process's memory only: members show it, and accept no other.</summary>
public sealed class ThrowawayCertificate : ITransportIdentity, IDisposable
{
    public ThrowawayCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=jointfusion", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        Certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(1));
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>Compares the SHA-256 of the whole certificate; names and dates prove nothing here.</summary>
    public bool Accepts(X509Certificate2? peer) =>
        peer is not null && CryptographicOperations.FixedTimeEquals(peer.GetCertHash(HashAlgorithmName.SHA256), Certificate.GetCertHash(HashAlgorithmName.SHA256));

    public void Dispose() => Certificate.Dispose();
}
