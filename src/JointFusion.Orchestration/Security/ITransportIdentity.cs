using System.Security.Cryptography.X509Certificates;

namespace JointFusion.Orchestration;

/// <summary>Who a member of a cluster is, and whom it takes for a member.</summary>
public interface ITransportIdentity
{
    /// <summary>Shown to every peer; with its private key.</summary>
    X509Certificate2 Certificate { get; }

    /// <summary>Whether the peer that shows this is a member; null: it shows nothing.</summary>
    bool Accepts(X509Certificate2? peer);
}
