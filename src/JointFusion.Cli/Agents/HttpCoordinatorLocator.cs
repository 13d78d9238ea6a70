using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Asks the servers, one after the other, where the coordinator is that leads.</summary>
internal sealed class HttpCoordinatorLocator : ICoordinatorLocator, IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private readonly HttpClient http;
    private readonly Action<string> warn;
    private readonly ImmutableArray<Uri> servers;
    private readonly string question;
    private Uri? leader;
    private string? warned;

    /// <param name="handler">Owned.</param>
    /// <param name="node">Of the agent.</param>
    /// <param name="token">Of the server; one served with TLS is content with the agent's certificate.</param>
    /// <param name="warn">Told once of each reason why it cannot be joined though it answers.</param>
    public HttpCoordinatorLocator(ImmutableArray<Uri> servers, string node, SocketsHttpHandler handler, string token, Action<string> warn)
    {
        this.servers = servers;
        question = $"/api/v1/cluster?node={Uri.EscapeDataString(node)}&version={Uri.EscapeDataString(JfVersion.Text)}&protocol={ClusterProtocol.Version.ToString(CultureInfo.InvariantCulture)}";
        this.warn = warn;
        http = new HttpClient(handler) { Timeout = AnswerTime };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<CoordinatorPlace?> FindAsync(CancellationToken cancel)
    {
        foreach (var server in leader is null ? servers : servers.Remove(leader).Insert(0, leader))
        {
            leader = server;
            if (await AskAsync(server, mayLeadOn: true, cancel) is { } place)
                return place;
        }
        leader = null;
        return null;
    }

    public void Dispose() => http.Dispose();

    /// <param name="mayLeadOn">Whether one that stands by is followed to the one that it names.</param>
    private async Task<CoordinatorPlace?> AskAsync(Uri server, bool mayLeadOn, CancellationToken cancel)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(server, question), cancel);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                return Refused($"{server} does not know this user's token: run the agent as the server's user, or set JF_TOKEN to the server's.");
            if (response.StatusCode == HttpStatusCode.Conflict)
                return Refused(JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(cancel), ApiJson.Default.ApiProblem)?.Detail ?? $"{server} refuses this agent.");
            if (response.StatusCode == HttpStatusCode.TemporaryRedirect && mayLeadOn && ServerAddress.Leader(server, response.Headers.Location) is { } named)
            {
                leader = named;
                return await AskAsync(named, mayLeadOn: false, cancel);
            }
            return response.IsSuccessStatusCode ? Place(server, await response.Content.ReadAsStringAsync(cancel)) : null;
        }
        catch (Exception away) when (away is HttpRequestException or HttpIOException or JsonException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <exception cref="JsonException">It is something else.</exception>
    private CoordinatorPlace? Place(Uri server, string answer)
    {
        if (JsonSerializer.Deserialize(answer, ApiJson.Default.ClusterInfo) is not { } cluster)
            return null;
        if (!ClusterProtocol.GetsAlongWith(cluster.Protocol))
            return Refused(ClusterProtocol.Refusal($"{server.GetLeftPart(UriPartial.Authority)}", cluster.Version, cluster.Protocol, "this agent", JfVersion.Text));
        warned = null;
        return new CoordinatorPlace(cluster.Seed, cluster.Incarnation, cluster.Term);
    }

    private CoordinatorPlace? Refused(string why)
    {
        if (warned != why)
            warn(why);
        warned = why;
        return null;
    }
}
