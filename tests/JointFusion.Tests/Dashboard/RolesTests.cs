using System.Net.Http.Headers;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What each role may ask of a server, what it is told otherwise, and what is written down of it.</summary>
public sealed class RolesTests : IAsyncLifetime
{
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Steps = 4 };
    private readonly TemporaryExperiment experiment = new(Early);
    private readonly TemporaryFolder folder = new();
    private readonly DashboardOptions options;
    private readonly TokenBook tokens;
    private readonly AuditLog audit;
    private FakeDesk desk = null!;
    private DashboardHost host = null!;

    public RolesTests()
    {
        tokens = new TokenBook(folder.In("tokens.json"));
        audit = new AuditLog(folder.In("audit.jsonl"));
        options = new DashboardOptions { Command = "jf serve", Owner = "root", Tokens = tokens, Audit = audit };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(LiveRunState.Training, "one/early")) { Owner = "ann" };
        host = await DashboardHost.StartAsync(
            options, new FakeFeed(), new LiveSource("root", IsOneExperiment: false, name => experiment.Folder.Run(name.Split('/')[^1])), desk, TimeProvider.System, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("GET", "/api/v1/cluster", 200, 200, 200)]
    [InlineData("GET", "/api/v1/experiments", 200, 200, 200)]
    [InlineData("GET", "/api/v1/experiments/one", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/metrics", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/metrics?metric=loss", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/events", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/checkpoints", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/lineage", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/plan", 200, 200, 200)]
    [InlineData("GET", "/api/v1/runs/one/early/logs", 200, 200, 200)]
    [InlineData("GET", "/api/v1/nodes", 200, 200, 200)]
    [InlineData("GET", "/", 200, 200, 200)]
    [InlineData("GET", "/healthz", 200, 200, 200)]
    [InlineData("GET", "/metrics", 200, 200, 200)]
    [InlineData("GET", "/openapi/v1.json", 200, 200, 200)]
    [InlineData("PUT", "/api/v1/experiments/one", 403, 200, 200)]
    [InlineData("POST", "/api/v1/experiments/one/pause", 403, 202, 202)]
    [InlineData("POST", "/api/v1/experiments/one/cancel", 403, 202, 202)]
    [InlineData("POST", "/api/v1/experiments/one/resume", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/one/early/pause", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/one/early/cancel", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/one/early/resume", 403, 202, 202)]
    [InlineData("POST", "/api/v1/experiments/one/priority?to=1", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/one/early/priority?to=1", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/pause", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/cancel", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/resume", 403, 202, 202)]
    [InlineData("POST", "/api/v1/runs/priority?to=1", 403, 202, 202)]
    [InlineData("PUT", "/api/v1/runs/one/early/forks/one", 403, 200, 200)]
    [InlineData("POST", "/api/v1/nodes/node-1/drain", 403, 403, 202)]
    [InlineData("POST", "/api/v1/nodes/node-1/undrain", 403, 403, 202)]
    [InlineData("POST", "/api/v1/nodes/node-1/workers/0/release", 403, 403, 202)]
    [InlineData("DELETE", "/api/v1/experiments/one", 403, 403, 404)]
    [InlineData("POST", "/api/v1/nonsense", 403, 403, 404)]
    public async Task Should_answer_by_role_when_an_endpoint_is_asked(string method, string path, int viewer, int submitter, int admin)
    {
        Assert.Equal((viewer, submitter, admin), (await Ask(method, path, Token(ApiRole.Viewer)), await Ask(method, path, Token(ApiRole.Submitter)), await Ask(method, path, Token(ApiRole.Admin))));
        Assert.Equal(new[] { viewer, submitter, admin }.Count(status => status < 400) * (method == "GET" ? 0 : 1), desk.Asked.Count);
    }

    [Fact]
    public async Task Should_say_what_is_missing_and_do_nothing_when_a_viewer_submits()
    {
        var answer = await Send("PUT", "/api/v1/experiments/two", tokens.Create("wall", ApiRole.Viewer, null, DateTimeOffset.UtcNow).Text);

        var problem = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Cancel), ApiJson.Default.ApiProblem)!;
        Assert.Equal((403, "\"wall\" is a viewer: to submit takes a submitter's token. Ask the server's administrator for one: jf token create NAME --role submitter"), (problem.Status, problem.Detail));
        Assert.Empty(desk.Asked);
    }

    [Fact]
    public async Task Should_keep_an_experiment_from_other_submitters_when_it_is_somebodys()
    {
        var (ann, bob) = (tokens.Create("ann", ApiRole.Submitter, null, DateTimeOffset.UtcNow).Text, Token(ApiRole.Submitter, "bob"));

        Assert.Equal(403, await Ask("POST", "/api/v1/runs/one/early/cancel", bob));
        Assert.Equal(202, await Ask("POST", "/api/v1/runs/one/early/cancel", ann));
        Assert.Equal(202, await Ask("POST", "/api/v1/experiments/one/cancel", options.Token.Text));
        desk.Owner = null;
        Assert.Equal(202, await Ask("POST", "/api/v1/experiments/one/pause", bob));
        Assert.Equal(["cancel one/early by ann", "cancel one/early by root", "pause one/early by bob"], desk.Asked);
    }

    [Fact]
    public async Task Should_write_down_who_asked_for_what_and_what_came_of_it()
    {
        var (ann, wall) = (Token(ApiRole.Submitter, "ann"), Token(ApiRole.Viewer, "wall"));
        await Ask("POST", "/api/v1/runs/one/early/pause", ann);
        await Ask("POST", "/api/v1/runs/one/late/pause", ann);
        await Ask("POST", "/api/v1/runs/priority?to=3", ann);
        await Ask("PUT", "/api/v1/runs/one/early/forks/one", ann);
        await Ask("POST", "/api/v1/nodes/node-1/drain", wall);
        await Ask("GET", "/api/v1/experiments", wall);
        for (var i = 0; i < 5; i++)
            Assert.Equal(401, await Ask("PUT", "/api/v1/experiments/one", AccessToken.Create().Text));

        Assert.Equal(
            [
                ("ann", "pause", "one/early", "202"), ("ann", "pause", "one/late", "404 Not found"),
                ("ann", "priority", "one to 3", "202"), ("ann", "fork", "one/early/one", "200"),
                ("wall", "drain", "node-1", "403 Not allowed"), ("-", "PUT", "/api/v1/experiments/one", "401 no token"),
            ],
            audit.Read().Select(entry => (entry.Who, entry.What, entry.On, entry.Outcome)));
        Assert.All(audit.Read(), entry => Assert.Equal("127.0.0.1", entry.From));
        var text = await File.ReadAllTextAsync(folder.In("audit.jsonl"), Cancel);
        Assert.All((string[])[ann, wall, options.Token.Text], token => Assert.DoesNotContain(token, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Should_be_of_no_use_at_once_when_a_token_is_revoked()
    {
        var token = Token(ApiRole.Viewer, "wall");
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
        var opened = await browser.GetAsync(new Uri(host.Url, $"?token={token}"), Cancel);
        var cookie = opened.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Assert.DoesNotContain(token, cookie, StringComparison.Ordinal);
        Assert.Equal((200, 200), (await Ask("GET", "/", token), await Look(cookie)));
        Assert.Equal(401, await Look(cookie.Replace("wall", "root", StringComparison.Ordinal)));

        tokens.Revoke("wall");

        Assert.Equal((401, 401), (await Ask("GET", "/", token), await Look(cookie)));
        tokens.Create("wall", ApiRole.Viewer, null, DateTimeOffset.UtcNow); // The same name is another token.
        Assert.Equal((401, 401), (await Ask("GET", "/", token), await Look(cookie)));

        async Task<int> Look(string shown)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, host.Url);
            request.Headers.Add("Cookie", shown);
            return (int)(await browser.SendAsync(request, Cancel)).StatusCode;
        }
    }

    [Fact]
    public async Task Should_cut_what_is_open_when_its_token_is_revoked()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(experiment.Folder.Run("early").Logs).FullName, "rank-0.log"), "first\n", Cancel);
        using var client = Client(Token(ApiRole.Viewer, "wall"));
        using var answer = await client.GetAsync("/api/v1/runs/one/early/logs?follow=true", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("[0] first", await reader.ReadLineAsync(Cancel));

        tokens.Revoke("wall");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<IOException>(async () => await reader.ReadLineAsync(limit.Token));
    }

    private string Token(ApiRole role, string? name = null)
    {
        var called = name ?? (role == ApiRole.Submitter ? "ann" : $"some-{role}".ToLowerInvariant());
        return tokens.Create(called, role, null, DateTimeOffset.UtcNow).Text;
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task<int> Ask(string method, string path, string token) => (int)(await Send(method, path, token)).StatusCode;

    private async Task<HttpResponseMessage> Send(string method, string path, string token)
    {
        using var client = Client(token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "PUT" || path.Count(letter => letter == '/') == 4)
            request.Content = new StringContent(method == "PUT" ? "known" : """{"runs":["one"]}""");
        return await client.SendAsync(request, Cancel);
    }
}
