using System.Security.Cryptography.X509Certificates;

namespace JointFusion.Orchestration;

/// <summary>Trust in one private authority, and in nothing that the machine itself trusts.</summary>
public static class AuthorityTrust
{
    /// <summary>Issued by the authority and in its time.</summary>
    public static bool Covers(X509Certificate2 authority, X509Certificate2 shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // A cluster has no list of revoked ones: a new authority takes its place.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(shown);
    }
}
