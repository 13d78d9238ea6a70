using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Who has no certificate of the cluster's authority neither joins it nor is heard by it, though it knows address and token.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private readonly ServedCluster cluster = new(TestPaths.Cache);

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_NeverBeListed_When_AnAgentHasTheTokenAndACertificateOfAnotherAuthority()
    {
        var token = await TokenAsync();
        var foreign = ImmutableDictionary<string, string>.Empty.Add("JF_STATE", Path.Combine(cluster.Folder, "foreign")).Add("JF_TOKEN", token);
        var stranger = cluster.Start(foreign, "agent", "--join", cluster.Url, "--name", "stranger");
        await stranger.LineAsync("Node stranger: ");
        await cluster.StartAgentAsync("member"); // Began later, and is in by now.

        // The stranger has tried to join, as its log says, and been turned away.
        await UntilLoggedAsync(Path.Combine(cluster.Folder, "foreign", "agents", "stranger", "logs", "agent.log"), "validation");
        var nodes = await cluster.RunAsync("node", "ls", "--json");

        Assert.Equal(["member"], JsonDocument.Parse(nodes.Output).RootElement.EnumerateArray().Select(node => node.GetProperty("name").GetString()));
        Assert.DoesNotContain("Joined.", stranger.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("plaintext")]
    [InlineData("another authority's certificate")]
    public async Task Should_HangUp_When_AStrangerShows(string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        var seed = new Uri((await ClusterAsync()).GetProperty("seed").GetString()!);
        using var authority = PrivateAuthority.Create(DateTimeOffset.UtcNow);
        using var foreign = authority.Issue("coordinator", ["127.0.0.1"], DateTimeOffset.UtcNow);
        using var client = new TcpClient();
        await client.ConnectAsync(seed.Host, seed.Port, deadline.Token);

        var read = what == "plaintext"
            ? await ReadPlainAsync(client.GetStream(), deadline.Token)
            : await ReadAsync(client.GetStream(), what == "nothing" ? [] : [foreign.Certificate], deadline.Token);

        Assert.Equal(0, read);
    }

    [Fact]
    public async Task Should_Answer401_When_TheTokenIsMissing()
    {
        using var client = new HttpClient { BaseAddress = new Uri(cluster.Url) };

        foreach (var path in (string[])["/api/v1/cluster", "/api/v1/experiments", "/"])
            Assert.Equal(401, (int)(await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(401, (int)(await client.PutAsync("/api/v1/experiments/x", new StringContent("name: x"), TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task<int> ReadPlainAsync(NetworkStream stream, CancellationToken cancel)
    {
        await stream.WriteAsync(new byte[64], cancel);
        return await ReadOnceAsync(stream, cancel);
    }

    private static async Task<int> ReadAsync(NetworkStream stream, X509CertificateCollection shown, CancellationToken cancel)
    {
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "coordinator", ClientCertificates = shown, RemoteCertificateValidationCallback = (_, _, _, _) => true }, cancel);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return 0;
        }
        return await ReadOnceAsync(tls, cancel);
    }

    private static async Task<int> ReadOnceAsync(Stream stream, CancellationToken cancel)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], cancel);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task UntilLoggedAsync(string log, string words)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(File.Exists(log) && (await File.ReadAllTextAsync(log, limit.Token)).Contains(words, StringComparison.OrdinalIgnoreCase)))
            await Task.Delay(50, limit.Token);
    }

    private async Task<string> TokenAsync() => (await cluster.Server.LineAsync("Live page: ")).Split("?token=")[1];

    private async Task<JsonElement> ClusterAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(cluster.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync());
        return JsonDocument.Parse(await client.GetStringAsync("/api/v1/cluster", TestContext.Current.CancellationToken)).RootElement;
    }
}
