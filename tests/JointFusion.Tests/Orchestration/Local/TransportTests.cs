using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed partial class TransportTests : IDisposable
{
    private readonly ClusterFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_hang_up_when_a_stranger_connects(bool showsCertificate)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        await using var cluster = await fixture.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        using var stranger = new ThrowawayCertificate();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", await PortFromLog(), deadline.Token);
        await using var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "jointfusion",
            ClientCertificates = showsCertificate ? [stranger.Certificate] : new X509CertificateCollection(),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };

        var read = await ReadOnce(tls, options, deadline.Token);

        Assert.Equal(0, read);
    }

    [Fact]
    public void Should_know_only_itself_when_a_certificate_is_shown()
    {
        using var one = new ThrowawayCertificate();
        using var two = new ThrowawayCertificate();
        Assert.True(one.Accepts(one.Certificate));
        Assert.False(one.Accepts(two.Certificate));
        Assert.False(one.Accepts(null));
    }

    private static async Task<int> ReadOnce(SslStream tls, SslClientAuthenticationOptions options, CancellationToken cancel)
    {
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancel);
            return await tls.ReadAsync(new byte[1], cancel);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return 0;
        }
    }

    private async Task<int> PortFromLog()
    {
        await using var log = new FileStream(Path.Combine(fixture.Folder, "logs", "coordinator.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        return int.Parse(ListeningPort().Match(await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Groups[1].Value);
    }

    [GeneratedRegex(@"akka\.ssl\.tcp://jointfusion@127\.0\.0\.1:(\d+)")]
    private static partial Regex ListeningPort();
}
