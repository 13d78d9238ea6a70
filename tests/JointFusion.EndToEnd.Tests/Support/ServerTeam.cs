using System.Net;
using System.Text.Json;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Several `jf serve` over one root and one journal, of which one leads, with the agents of a <see cref="ServedCluster"/>.</summary>
public sealed class ServerTeam : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, JfProcess> servers = new(StringComparer.Ordinal);

    public ServerTeam(string dataRoot, string journal) => Cluster = new ServedCluster(dataRoot, journal);

    public ServedCluster Cluster { get; }

    /// <summary>Of all that were started, dead ones too; in no order that matters.</summary>
    public IReadOnlyCollection<string> Urls => servers.Keys;

    public JfProcess this[string url] => servers[url];

    /// <param name="url">Of one that died; null: a further server.</param>
    public async Task<string> StartServerAsync(string? url = null)
    {
        var server = Cluster.StartServer(url ?? "http://127.0.0.1:0");
        var own = await server.LineAsync("Server: ");
        servers[own] = server;
        Cluster.Url = string.Join(',', servers.Keys);
        return own;
    }

    /// <summary>Waits until one answers that it leads.</summary>
    /// <param name="but">Not this one.</param>
    /// <returns>Its address.</returns>
    public async Task<string> LeaderAsync(string? but = null)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            foreach (var url in servers.Keys.Where(url => url != but))
                if (await Cluster.AskAsync(url, "/api/v1/cluster", limit.Token) is { StatusCode: HttpStatusCode.OK })
                    return url;
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Waits until so many nodes have reported to the leader.</summary>
    public async Task NodesAsync(string leader, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            using var answer = await Cluster.AskAsync(leader, "/api/v1/nodes", limit.Token);
            if (answer is { StatusCode: HttpStatusCode.OK }
                && JsonDocument.Parse(await answer.Content.ReadAsStringAsync(limit.Token)).RootElement.GetArrayLength() == count)
                return;
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Waits until a server refers to another one.</summary>
    public async Task<HttpResponseMessage> ReferralAsync(string url, string path)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var answer = await Cluster.AskAsync(url, path, limit.Token);
            if (answer is { StatusCode: HttpStatusCode.TemporaryRedirect })
                return answer;
            answer?.Dispose();
            await Task.Delay(20, limit.Token);
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
