using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>A server's HTTP API, as the verbs speak it. Knows neither tensors nor actors.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string Api = "/api/v1";
    private readonly HttpClient http;

    private ApiClient(HttpClient http) => this.http = http;

    public Uri Server => http.BaseAddress!;

    /// <param name="server">See <see cref="ServerAddress.Find"/>.</param>
    /// <param name="certs">See <see cref="ServerHttp.ForClient"/>.</param>
    /// <exception cref="BadInputException">Nothing says where the server is, or the user's token or the authority's certificate cannot be read.</exception>
    public static ApiClient Open(string? server, string? certs) =>
        Open(ServerAddress.Find(server), ServerHttp.ForClient(certs), ApiToken.Read());

    /// <param name="handler">Owned.</param>
    /// <param name="token">That the server knows.</param>
    public static ApiClient Open(Uri server, SocketsHttpHandler handler, string token)
    {
        var client = new HttpClient(handler)
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan, // The first submission may wait for its data set to be built.
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ApiClient(client);
    }

    /// <param name="path">Below /api/v1.</param>
    /// <exception cref="BadInputException">The server refuses, and says why.</exception>
    /// <exception cref="AwayException">It does not answer, or cannot now.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Api + path), type, cancel);

    /// <summary>Sent again while the server does not answer: the name in the path is the client's own, so that it is done once at most.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task<T> PutAsync<T>(string path, string body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        const int attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendAsync(
                    () => new HttpRequestMessage(HttpMethod.Put, Api + path) { Content = new StringContent(body, Encoding.UTF8, "application/yaml") }, type, cancel);
            }
            catch (AwayException) when (attempt < attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancel);
            }
        }
    }

    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task PostAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Api + path);
        using var response = await AnswerAsync(request, cancel);
    }

    /// <summary>Line by line, as the server sends them.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public async Task CopyLinesAsync(string path, TextWriter output, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Api + path);
        using var response = await AnswerAsync(request, cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        try
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
                await output.WriteLineAsync(line);
        }
        catch (Exception broken) when (broken is HttpIOException or IOException)
        {
            throw Away(broken);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> create, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = create();
        using var response = await AnswerAsync(request, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        try
        {
            return await JsonSerializer.DeserializeAsync(body, type, cancel) ?? throw new JsonException("it is null");
        }
        catch (JsonException strange)
        {
            throw new BadInputException($"{Server}: answers what this jf does not understand ({strange.Message}). Is it a jf serve of this version?");
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
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
        if (response.IsSuccessStatusCode)
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
        new($"{Server.GetLeftPart(UriPartial.Authority)}: the server does not answer ({cause.Message}). Runs go on without it; start it again with jf serve.", cause);
}
