using Akka.Remote.Hosting;

namespace JointFusion.Orchestration;

/// <summary>Akka's transport, closed to all but members: both ends show a certificate, and both judge it.</summary>
internal static class MutualTls
{
    /// <param name="host">Bound, and told to the others.</param>
    /// <param name="port">0 takes a free one.</param>
    public static RemoteOptions At(string host, int port, ITransportIdentity identity) => new()
    {
        HostName = host,
        PublicHostName = host,
        Port = port,
        EnableSsl = true,
        Ssl = new SslOptions
        {
            X509Certificate = identity.Certificate,
            SuppressValidation = false,
            RequireMutualAuthentication = true,
            ValidateCertificateHostname = false, // Membership is proven by the issuer; addresses change.
            CustomValidator = (shown, _, _, _, _) => identity.Accepts(shown),
        },
    };
}
