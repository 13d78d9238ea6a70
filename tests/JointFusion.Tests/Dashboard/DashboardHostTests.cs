using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class DashboardHostTests : IAsyncLifetime
{
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Steps = 40 };
    private readonly FakeFeed feed = new();
    private readonly TemporaryExperiment experiment = new(Early);
    private readonly DashboardOptions options = new();
    private readonly HttpClient client = Client();
    private DashboardHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await DashboardHost.StartAsync(options, feed, experiment.Folder, TimeProvider.System, Cancel);
        client.BaseAddress = host.Url;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token.Text);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
        experiment.Dispose();
    }

    [Fact]
    public async Task Should_tell_runs_and_nodes_when_the_cluster_changes()
    {
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));

        var run = (await Until("/api/v1/runs", answer => answer.GetArrayLength() == 1))[0];
        var cluster = await Get("/api/v1/cluster");

        Assert.Equal("early", run.GetProperty("name").GetString());
        Assert.Equal("training", run.GetProperty("state").GetString());
        Assert.Equal((40, 40), (run.GetProperty("step").GetInt32(), run.GetProperty("total_steps").GetInt32()));
        Assert.Equal("fixture", cluster.GetProperty("experiment").GetString());
        Assert.Equal(4000, cluster.GetProperty("nodes")[0].GetProperty("workers")[0].GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Should_join_steps_from_before_with_steps_as_they_come_when_a_run_goes_back_to_a_checkpoint()
    {
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));
        await Until("/api/v1/runs", answer => answer.GetArrayLength() == 1);

        feed.Step(Early.Step(31) with { Generation = 2, Loss = 0.5 });
        var answer = await Until("/api/v1/runs/early/metrics", a => a.GetProperty("points").GetArrayLength() == 31);

        var points = answer.GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 31), points.Select(point => point.GetProperty("step").GetInt32()));
        Assert.Equal(0.5, points[^1].GetProperty("loss").GetDouble());
        Assert.Equal([31], (await Get("/api/v1/runs/early/metrics?since=30")).GetProperty("points").EnumerateArray().Select(p => p.GetProperty("step").GetInt32()));
    }

    [Fact]
    public async Task Should_thin_long_runs_to_a_thousand_points()
    {
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));
        for (var step = 41; step <= 5000; step++)
            feed.Step(Early.Step(step));
        await Until("/api/v1/runs", answer => answer.GetArrayLength() == 1 && answer[0].GetProperty("step").GetInt32() == 5000);

        var points = (await Get("/api/v1/runs/early/metrics")).GetProperty("points");

        Assert.Equal(1000, points.GetArrayLength());
        Assert.Equal((1, 5000), (points[0].GetProperty("step").GetInt32(), points[999].GetProperty("step").GetInt32()));
        Assert.True(feed.Snapshots < 100, $"{feed.Snapshots} snapshots for 5,000 steps");
    }

    [Theory]
    [InlineData("/api/v1/runs/nobody/metrics", HttpStatusCode.NotFound, "No run \"nobody\"")]
    [InlineData("/api/v1/runs/nobody/metrics?since=soon", HttpStatusCode.BadRequest, "not \"soon\"")]
    public async Task Should_say_what_is_wrong_when_a_question_is(string path, HttpStatusCode status, string words)
    {
        var answer = await client.GetAsync(path, Cancel);

        Assert.Equal(status, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error").GetString();
        Assert.Contains(words, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", null, 403)]
    [InlineData("127.0.0.1:1", null, 403)]
    [InlineData("OWN", "http://evil.example", 403)]
    [InlineData("OWN", "null", 403)]
    [InlineData("OWN", "http://127.0.0.1:1", 403)]
    [InlineData("OWN", null, 200)]
    [InlineData("OWN", "http://OWN", 200)]
    [InlineData("LOCALHOST", "http://LOCALHOST", 200)]
    public async Task Should_refuse_all_hosts_and_origins_but_its_own(string hostHeader, string? origin, int status)
    {
        foreach (var path in (string[])["/", "/healthz", "/api/v1/runs", "/_framework/blazor.web.js", "/_blazor/negotiate?negotiateVersion=1"])
        {
            using var request = new HttpRequestMessage(path.StartsWith("/_blazor", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path);
            request.Headers.Host = Own(hostHeader);
            if (origin is not null)
                request.Headers.Add("Origin", Own(origin));

            var answer = await client.SendAsync(request, Cancel);

            Assert.Equal((path, status), (path, (int)answer.StatusCode));
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Bearer WRONG", null)]
    [InlineData("Bearer", null)]
    [InlineData("Basic TOKEN", null)]
    [InlineData("Bearer TOKEN", "WRONG")]
    [InlineData(null, "WRONG")]
    [InlineData(null, "TOKEN&token=TOKEN")]
    [InlineData(null, "")]
    public async Task Should_answer_nothing_and_say_where_the_link_is_when_the_token_is_missing_or_wrong(string? authorization, string? query)
    {
        using var stranger = Client();
        foreach (var path in (string[])["/", "/healthz", "/api/v1/runs", "/live.js", "/_framework/blazor.web.js", "/_blazor/negotiate?negotiateVersion=1"])
        {
            var target = query is null ? path : $"{path}{(path.Contains('?') ? '&' : '?')}token={Filled(query)}";
            using var request = new HttpRequestMessage(path.StartsWith("/_blazor", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, new Uri(host.Url, target));
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", Filled(authorization));

            var answer = await stranger.SendAsync(request, Cancel);

            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, answer.StatusCode));
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.Equal(
                "Refused: the live page asks for its token, which is in the link that `jf run` printed after \"Live page:\"; open that link.\n",
                await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Fact]
    public async Task Should_trade_the_token_for_a_cookie_of_this_port_and_a_clean_address_when_the_link_is_opened()
    {
        using var browser = Client();
        var answer = await browser.GetAsync(host.Link, Cancel);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();

        Assert.Equal((HttpStatusCode.Redirect, "/"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        Assert.EndsWith("; path=/; samesite=strict; httponly", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(options.Token.Text, cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await Ask(host.Url, cookie));

        await using var other = await DashboardHost.StartAsync(options, new FakeFeed(), experiment.Folder, TimeProvider.System, Cancel);
        var moved = cookie.Replace($"jointfusion-{host.Url.Port}=", $"jointfusion-{other.Url.Port}=", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(other.Url, moved));

        async Task<HttpStatusCode> Ask(Uri url, string sent)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Add("Cookie", sent.Split(';')[0]);
            return (await browser.SendAsync(request, Cancel)).StatusCode;
        }
    }

    [Fact]
    public async Task Should_serve_a_page_that_takes_nothing_from_elsewhere()
    {
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));
        await Until("/api/v1/runs", answer => answer.GetArrayLength() == 1);

        var answer = await client.GetAsync("/", Cancel);
        var page = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Contains("data-run=\"early\"", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", page);
        Assert.StartsWith("default-src 'none'; script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_keep_the_end_when_the_feed_still_tells_of_an_earlier_state()
    {
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));
        await Until("/api/v1/runs", answer => answer.GetArrayLength() == 1);
        host.Settle(FakeFeed.Cluster(LiveRunState.Succeeded, "early"));
        await host.EndAsync("Its report is <here>.");

        var seen = feed.Snapshots;
        feed.Change(FakeFeed.Cluster(LiveRunState.Evaluating, "early"));
        await Until("/api/v1/cluster", _ => feed.Snapshots > seen);

        Assert.Equal("succeeded", (await Get("/api/v1/runs"))[0].GetProperty("state").GetString());
        Assert.True((await Get("/api/v1/cluster")).GetProperty("ended").GetBoolean());
        Assert.Contains("</strong> Its report is &lt;here&gt;.", await client.GetStringAsync("/", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_report_itself_unhealthy_with_the_reason_when_the_cluster_breaks()
    {
        feed.Break("The journal cannot be written: disk full.");

        var answer = await Until("/healthz", a => a.GetProperty("status").GetString() == "failed");

        Assert.Equal("The journal cannot be written: disk full.", answer.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://192.168.1.4:8080")]
    [InlineData("https://127.0.0.1:8080")]
    public async Task Should_refuse_to_listen_beyond_loopback(string url)
    {
        var fault = await Assert.ThrowsAsync<ArgumentException>(
            () => DashboardHost.StartAsync(new DashboardOptions { Url = new Uri(url) }, feed, experiment.Folder, TimeProvider.System, Cancel));

        Assert.Contains("ssh -L", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_name_the_port_when_it_is_taken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://{listener.LocalEndpoint}");

        var fault = await Assert.ThrowsAnyAsync<IOException>(
            () => DashboardHost.StartAsync(new DashboardOptions { Url = url }, feed, experiment.Folder, TimeProvider.System, Cancel));

        Assert.Contains(url.Port.ToString(), fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Sends what it is told and nothing that it remembers.</summary>
    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    private string Filled(string text) => text
        .Replace("TOKEN", options.Token.Text, StringComparison.Ordinal)
        .Replace("WRONG", AccessToken.Create().Text, StringComparison.Ordinal);

    private string Own(string text) =>
        text.Replace("OWN", $"127.0.0.1:{host.Url.Port}", StringComparison.Ordinal).Replace("LOCALHOST", $"localhost:{host.Url.Port}", StringComparison.Ordinal);

    private async Task<JsonElement> Get(string path) =>
        JsonDocument.Parse(await (await client.GetAsync(path, Cancel)).Content.ReadAsStringAsync(Cancel)).RootElement;

    /// <summary>Asks again until the answer is as wanted; the test's own time limit ends it otherwise.</summary>
    private async Task<JsonElement> Until(string path, Func<JsonElement, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var answer = await Get(path);
            if (wanted(answer))
                return answer;
            await Task.Delay(20, limit.Token);
        }
    }
}
