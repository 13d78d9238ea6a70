using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>The HTTP API of a server, or of the one that leads among several, as the verbs of <c>jf</c> speak it. Knows neither tensors nor actors.</summary>
/// <remarks>
/// The answers are the API's own records of JointFusion.Dashboard, read by <see cref="ApiJson"/>; the paths are those of its document, <c>/openapi/v1.json</c>, below /api/v1.
/// <code>
/// using var client = ApiClient.Open("http://127.0.0.1:7420", certs: null);                          // the token is JF_TOKEN, else this user's own
/// var first = await client.PutAsync("/experiments/first?file=a.yaml", yaml, ApiJson.Default.ExperimentInfo, cancel);
/// await client.AskOfAsync(["first/early", "second"], "pause", cancel);
/// var run = await client.GetAsync("/runs/first/early", ApiJson.Default.RunInfo, cancel);            // run.Run.State, run.Run.Step, ...
/// </code>
/// Whatever is asked may be asked again: what the path names is then as it should be. Not thread-safe.
/// </remarks>
public sealed class ApiClient : IDisposable
{
    private const string Api = "/api/v1";
    private const int Attempts = 3;

    /// <summary>Where another server takes over from one that died: longer than that takes.</summary>
    private const int AttemptsAmongSeveral = 7;

    /// <summary>A server that is frozen takes the connection and says nothing.</summary>
    private static readonly TimeSpan PatienceForPlace = TimeSpan.FromSeconds(5);

    private readonly HttpClient http;
    private readonly ImmutableArray<Uri> servers;

    private ApiClient(HttpClient http, ImmutableArray<Uri> servers) => (this.http, this.servers, Server) = (http, servers, servers[0]);

    /// <summary>The latest that was asked.</summary>
    public Uri Server { get; private set; }

    private string Name => Server.GetLeftPart(UriPartial.Authority);

    /// <param name="server">See <see cref="ServerAddress.Find"/>.</param>
    /// <param name="certs">See <see cref="ServerHttp.ForClient"/>.</param>
    /// <exception cref="BadInputException">Nothing says where the server is, or the user's token or the authority's certificate cannot be read.</exception>
    public static ApiClient Open(string? server, string? certs) =>
        Open(ServerAddress.Find(server), ServerHttp.ForClient(certs), ApiToken.Read());

    /// <param name="servers">At least one.</param>
    /// <param name="handler">Owned. Redirects and proxies off: a token must not travel elsewhere.</param>
    /// <param name="token">That the server knows.</param>
    public static ApiClient Open(ImmutableArray<Uri> servers, SocketsHttpHandler handler, string token)
    {
        var client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // The first submission may wait for its data set to be built.
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ApiClient(client, servers);
    }

    /// <param name="path">Below /api/v1.</param>
    /// <exception cref="BadInputException">The server refuses, and says why.</exception>
    /// <exception cref="AwayException">It does not answer, or cannot now.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var response = await AnswerAsync(HttpMethod.Get, path, () => null, AttemptsOfRepeatable(1), cancel);
        return await ReadAsync(response, type, cancel);
    }

    /// <summary>Sent again while the server does not answer: the name in the path is the client's own, so that it is done once at most.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task<T> PutAsync<T>(string path, string body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var response = await AnswerAsync(HttpMethod.Put, path, () => new StringContent(body, Encoding.UTF8, "application/yaml"), AttemptsOfRepeatable(Attempts), cancel);
        return await ReadAsync(response, type, cancel);
    }

    /// <summary>Asks for what the path says; it has begun when this returns.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task PostAsync(string path, CancellationToken cancel)
    {
        using var response = await AnswerAsync(HttpMethod.Post, path, () => null, AttemptsOfRepeatable(1), cancel);
    }

    /// <summary>Asks something of runs, all or none.</summary>
    /// <param name="names">Each as EXPERIMENT/RUN, or EXPERIMENT for all of its runs.</param>
    /// <param name="command">Such as pause, with its query.</param>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task AskOfAsync(IReadOnlyList<string> names, string command, CancellationToken cancel)
    {
        if (names is [var one])
        {
            await PostAsync($"{RunName.Parse(one).Path}/{command}", cancel);
            return;
        }
        var list = JsonSerializer.Serialize(new NamedRuns([.. names]), ApiJson.Default.NamedRuns);
        using var response = await AnswerAsync(HttpMethod.Post, $"/runs/{command}", () => new StringContent(list, Encoding.UTF8, "application/json"), AttemptsOfRepeatable(1), cancel);
    }

    /// <summary>Line by line, as the server sends them.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async IAsyncEnumerable<string> LinesAsync(string path, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await AnswerAsync(HttpMethod.Get, path, () => null, AttemptsOfRepeatable(1), cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await NextAsync() is { } line)
            yield return line;

        async Task<string?> NextAsync()
        {
            try
            {
                return await reader.ReadLineAsync(cancel);
            }
            catch (Exception broken) when (broken is HttpIOException or IOException)
            {
                throw Away(broken);
            }
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>All that is asked of a server may be asked twice: what it names is then as it should be, or gets so.</summary>
    private int AttemptsOfRepeatable(int ofOne) => servers.Length > 1 ? AttemptsAmongSeveral : ofOne;

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        try
        {
            return await JsonSerializer.DeserializeAsync(body, type, cancel) ?? throw new JsonException("it is null");
        }
        catch (Exception broken) when (broken is HttpIOException or IOException)
        {
            throw Away(broken);
        }
        catch (JsonException strange)
        {
            throw new BadInputException($"{Server}: answers what this jf does not understand ({strange.Message}). Is it a jf serve of this version?");
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, Func<HttpContent?> body, int attempts, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AnswerOfOneAsync(method, path, body, cancel);
            }
            catch (AwayException) when (attempt < attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(attempt, Attempts)), cancel);
            }
        }
    }

    /// <summary>Of the first that leads, or of the one that it names; the latest that was asked goes first.</summary>
    private async Task<HttpResponseMessage> AnswerOfOneAsync(HttpMethod method, string path, Func<HttpContent?> body, CancellationToken cancel)
    {
        AwayException? away = null;
        foreach (var server in servers.Remove(Server).Insert(0, Server))
        {
            try
            {
                Server = server;
                Server = await LeaderAsync(cancel);
                var response = await SendAsync(method, path, body(), cancel);
                if (response.StatusCode != HttpStatusCode.TemporaryRedirect)
                    return response;
                response.Dispose();
                throw new AwayException($"{Name}: it leads no more, and who does is not known yet.");
            }
            catch (AwayException reason)
            {
                away ??= reason;
            }
        }
        throw away!;
    }

    /// <summary>Asked first and apart, since this alone is answered at once: a submission may take minutes.</summary>
    private async Task<Uri> LeaderAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(PatienceForPlace);
        try
        {
            using var place = await SendAsync(HttpMethod.Get, "/cluster", null, limit.Token);
            return place.StatusCode != HttpStatusCode.TemporaryRedirect ? Server
                : ServerAddress.Leader(Server, place.Headers.Location)
                    ?? throw new BadInputException($"{Server}: refers to {place.Headers.Location}, where this user's token would be less safe. Give that with --server if you trust it.");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new AwayException($"{Name}: the server takes the connection and says nothing. Runs go on without it.");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server, Api + path)) { Content = body };
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException untrusted) when (untrusted.InnerException is AuthenticationException)
        {
            throw new BadInputException($"{Server}: its certificate is of no authority that is trusted here, or of another name. Give the folder with its authority.pem: --certs DIR, or JF_CERTS.");
        }
        catch (HttpRequestException unreachable)
        {
            throw Away(unreachable);
        }
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.TemporaryRedirect)
            return response;
        using (response)
            throw await RefusalAsync(response, cancel);
    }

    private async Task<Exception> RefusalAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var text = await response.Content.ReadAsStringAsync(cancel);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            return new BadInputException($"{Server}: does not know this user's token. It is kept where the server runs, in its user's state folder: set JF_TOKEN to it.");
        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonSerializer.Deserialize(text, ApiJson.Default.ApiProblem) : null;
        var words = problem switch
        {
            null => $"{Server}: {(int)response.StatusCode} {response.ReasonPhrase}: {text.Trim()}",
            { Errors: { IsDefaultOrEmpty: false } errors } => string.Join(Environment.NewLine, errors),
            _ => problem.Detail,
        };
        return (int)response.StatusCode >= 500 ? new AwayException(words) : new BadInputException(words);
    }

    private AwayException Away(Exception cause) =>
        new($"{Name}: the server does not answer ({cause.Message}). Runs go on without it; start it again with jf serve.", cause);
}
