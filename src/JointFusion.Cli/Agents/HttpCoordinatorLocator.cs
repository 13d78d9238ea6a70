using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Asks a server where its coordinator is.</summary>
internal sealed class HttpCoordinatorLocator : ICoordinatorLocator, IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private readonly HttpClient http;
    private readonly Action<string> warn;
    private string? warned;

    /// <param name="handler">Owned.</param>
    /// <param name="token">Of the server; one served with TLS is content with the agent's certificate.</param>
    /// <param name="warn">Told once of each reason why it cannot be joined though it answers.</param>
    public HttpCoordinatorLocator(Uri server, SocketsHttpHandler handler, string token, Action<string> warn)
    {
        this.warn = warn;
        http = new HttpClient(handler) { BaseAddress = server, Timeout = AnswerTime };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<CoordinatorPlace?> FindAsync(CancellationToken cancel)
    {
        try
        {
            using var response = await http.GetAsync("/api/v1/cluster", cancel);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                return Refused($"{http.BaseAddress} does not know this user's token: run the agent as the server's user, or set JF_TOKEN to the server's.");
            if (!response.IsSuccessStatusCode)
                return null;
            var cluster = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(cancel), ApiJson.Default.ClusterInfo);
            if (cluster is null)
                return null;
            if (!ClusterProtocol.GetsAlongWith(cluster.Protocol))
                return Refused($"{http.BaseAddress} is jf {cluster.Version} (protocol {cluster.Protocol}), this agent speaks protocol {ClusterProtocol.Version}: bring both to neighbouring versions.");
            warned = null;
            return new CoordinatorPlace(cluster.Seed, cluster.Incarnation);
        }
        catch (Exception away) when (away is HttpRequestException or HttpIOException or JsonException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private CoordinatorPlace? Refused(string why)
    {
        if (warned != why)
            warn(why);
        warned = why;
        return null;
    }
}
