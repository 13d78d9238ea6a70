using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class ServerApiTests : IAsyncLifetime
{
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Steps = 40 };
    private readonly TemporaryExperiment experiment = new(Early);
    private readonly DashboardOptions options = new() { Command = "jf serve", Owner = "root" };
    private readonly FakeFeed feed = new();
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
    private FakeDesk desk = null!;
    private DashboardHost host = null!;
    private LiveRunState state = LiveRunState.Training;
    private string known = "one/early";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(state, known));
        host = await StartAsync(options);
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
    public async Task Should_tell_experiments_runs_and_nodes_when_asked()
    {
        var cluster = await Get("/api/v1/cluster", ApiJson.Default.ClusterInfo);
        var one = Assert.Single(await Get("/api/v1/experiments", ApiJson.Default.ImmutableArrayExperimentInfo));
        var run = await Get("/api/v1/runs/one/early", ApiJson.Default.RunInfo);
        var nodes = await Get("/api/v1/nodes", ApiJson.Default.ImmutableArrayLiveNode);
        var metrics = await Get("/api/v1/runs/one/early/metrics?since=38", ApiJson.Default.RunMetrics);

        Assert.Equal(desk.Cluster, cluster);
        Assert.Equal(("one", "running", 40), (one.Name, one.State, one.Runs[0].Step));
        Assert.Equal((LiveRunState.Training, 0, 4000), (run.Run.State, run.Ranks[0].Rank, run.Ranks[0].Pid));
        Assert.Equal("node-1", Assert.Single(nodes).Name);
        Assert.Equal([39, 40], metrics.Points.Select(point => point.Step));
    }

    [Fact]
    public async Task Should_tell_of_an_experiment_when_the_cluster_has_not_heard_of_its_runs_yet()
    {
        known = "another/early";

        var one = Assert.Single(await Get("/api/v1/experiments", ApiJson.Default.ImmutableArrayExperimentInfo));

        Assert.Equal(("one", "running", 0), (one.Name, one.State, one.Runs.Length));
    }

    [Fact]
    public async Task Should_tell_what_a_runs_page_shows_when_asked()
    {
        var events = await Get("/api/v1/runs/one/early/events?after=3", ApiJson.Default.ImmutableArrayRunHappening);
        var checkpoint = Assert.Single(await Get("/api/v1/runs/one/early/checkpoints", ApiJson.Default.ImmutableArrayCheckpointInfo));
        var lineage = await Get("/api/v1/runs/one/early/lineage", ApiJson.Default.RunLineage);
        var series = await Get("/api/v1/runs/one/early/metrics?metric=loss,accuracy&metric=seconds.total&from=11&to=30&points=12", ApiJson.Default.RunSeries);

        Assert.Equal((7, "one/early stopped", "by ann"), (Assert.Single(events).Number, events[0].Text, events[0].Reason));
        Assert.Equal((12, true), (checkpoint.Step, checkpoint.Whole));
        Assert.Equal(["one/early", "next/early"], [lineage.Run, .. lineage.Forks]);
        Assert.Equal(["loss", "accuracy", "seconds.total"], series.Series.Select(curve => curve.Metric));
        Assert.All(series.Series, curve => Assert.Equal((11, 30, true), (curve.Steps[0], curve.Steps[^1], curve.Steps.Length is > 2 and <= 12)));
        Assert.Equal(40, series.LastStep);
        Assert.Equal(await File.ReadAllTextAsync(experiment.Folder.Run("early").Plan, Cancel), await client.GetStringAsync("/api/v1/runs/one/early/plan", Cancel));
    }

    [Fact]
    public async Task Should_tell_a_sweep_with_its_rungs_and_extend_it_when_asked()
    {
        var sweep = Assert.Single(await Get("/api/v1/sweeps", ApiJson.Default.ImmutableArraySweepInfo));
        var extended = await client.PutAsync("/api/v1/sweeps/one?file=a.yaml", new StringContent("more"), Cancel);
        var unknown = await client.PutAsync("/api/v1/sweeps/two", new StringContent("more"), Cancel);

        Assert.Equal(("one", "running", 0.25, 2.0, 3), (sweep.Name, sweep.State, sweep.UsedHours, sweep.DeviceHours, sweep.Reduction));
        Assert.Equal(("one/early", 50, 0.5), (sweep.Runs[0].Run.Name, sweep.Runs[0].Rungs[0].Step, sweep.Runs[0].Rungs[0].Value));
        Assert.Equal((200, 404), ((int)extended.StatusCode, (int)unknown.StatusCode));
        Assert.Equal(["extend one a.yaml more"], desk.Asked);
    }

    [Fact]
    public async Task Should_refuse_by_name_with_the_way_out_when_an_agent_speaks_no_neighbouring_protocol()
    {
        var refused = await client.GetAsync($"/api/v1/cluster?node=gpu1&version=9.0&protocol={ClusterProtocol.Version + 2}", Cancel);
        var neighbour = await client.GetAsync($"/api/v1/cluster?node=gpu1&version=0.2&protocol={ClusterProtocol.Version + 1}", Cancel);

        Assert.Equal((409, 200), ((int)refused.StatusCode, (int)neighbour.StatusCode));
        var words = JsonSerializer.Deserialize(await refused.Content.ReadAsStringAsync(Cancel), ApiJson.Default.ApiProblem)!.Detail;
        Assert.Contains($"Node \"gpu1\" is jf 9.0 and speaks protocol {ClusterProtocol.Version + 2}", words, StringComparison.Ordinal);
        Assert.Contains("Update the older one", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new", 201)]
    [InlineData("known", 200)]
    public async Task Should_hand_the_spec_over_and_say_whether_it_is_new_when_put(string yaml, int status)
    {
        var answer = await client.PutAsync("/api/v1/experiments/one?file=a%20b.yaml", new StringContent(yaml), Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal([$"submit one a b.yaml {yaml} by root"], desk.Asked);
    }

    [Theory]
    [InlineData("/api/v1/experiments/one/pause", "pause one/early")]
    [InlineData("/api/v1/experiments/one/cancel", "cancel one/early")]
    [InlineData("/api/v1/experiments/one/resume", "resume one/early")]
    [InlineData("/api/v1/runs/one/early/pause", "pause one/early")]
    [InlineData("/api/v1/runs/one/early/cancel", "cancel one/early")]
    [InlineData("/api/v1/runs/one/early/resume", "resume one/early")]
    [InlineData("/api/v1/experiments/one/priority?to=5", "priority 5 one/early")]
    [InlineData("/api/v1/runs/one/early/priority?to=-1", "priority -1 one/early")]
    [InlineData("/api/v1/nodes/node-1/drain", "drain node-1 True")]
    [InlineData("/api/v1/nodes/node-1/undrain", "drain node-1 False")]
    [InlineData("/api/v1/nodes/node-1/workers/0/release", "release node-1/0")]
    public async Task Should_command_what_is_named_when_posted(string path, string asked)
    {
        Assert.Equal(202, (int)(await client.PostAsync(path, null, Cancel)).StatusCode);
        Assert.Equal([$"{asked} by root"], desk.Asked);
    }

    [Theory]
    [InlineData("/api/v1/runs/pause", """{"runs":["one/early","one"]}""", 202, "pause one/early by root")]
    [InlineData("/api/v1/runs/priority?to=2", """{"runs":["one"]}""", 202, "priority 2 one/early by root")]
    [InlineData("/api/v1/runs/cancel", """{"runs":["one/early","one/late","two"]}""", 404, null)]
    [InlineData("/api/v1/runs/resume", """{"runs":[]}""", 400, null)]
    [InlineData("/api/v1/runs/resume", """{"runs":[null]}""", 400, null)]
    [InlineData("/api/v1/runs/resume", "one/early", 400, null)]
    [InlineData("/api/v1/runs/priority", """{"runs":["one"]}""", 400, null)]
    public async Task Should_command_all_or_none_when_runs_are_listed(string path, string body, int status, string? asked)
    {
        Assert.Equal(status, (int)(await client.PostAsync(path, new StringContent(body), Cancel)).StatusCode);
        Assert.Equal(asked is null ? [] : [asked], desk.Asked);
    }

    [Fact]
    public async Task Should_name_each_that_is_unknown_when_runs_are_listed()
    {
        var answer = await client.PostAsync("/api/v1/runs/pause", new StringContent("""{"runs":["one/late","one","two"]}"""), Cancel);

        var problem = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Cancel), ApiJson.Default.ApiProblem)!;
        Assert.Equal(["No run \"one/late\": `jf status` lists them.", "No experiment \"two\": `jf status` lists them."], problem.Errors);
    }

    [Theory]
    [InlineData("?checkpoint=12&file=b.yaml", "new", 201, "fork one/early at 12 as one with new by root")]
    [InlineData("", "", 200, "fork one/early at  as one with  by root")]
    [InlineData("?checkpoint=last", "", 400, null)]
    public async Task Should_hand_the_fork_over_and_answer_with_its_experiment_when_put(string query, string yaml, int status, string? asked)
    {
        var answer = await client.PutAsync($"/api/v1/runs/one/early/forks/one{query}", new StringContent(yaml), Cancel);

        Assert.Equal(asked is null ? [] : [asked], desk.Asked);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v1/experiments/two", 404, "No experiment \"two\"")]
    [InlineData("GET", "/api/v1/runs/one/late", 404, "No run \"one/late\"")]
    [InlineData("POST", "/api/v1/runs/one/late/pause", 404, "No run \"one/late\"")]
    [InlineData("GET", "/api/v1/runs/one/early/metrics?since=soon", 400, "not \"soon\"")]
    [InlineData("GET", "/api/v1/runs/one/early/metrics?metric=loss&points=9", 400, "from 10 to 10000")]
    [InlineData("GET", "/api/v1/runs/one/early/metrics?metric=loss&from=-1", 400, "not \"-1\"")]
    [InlineData("GET", "/api/v1/runs/one/early/events?after=x", 400, "not \"x\"")]
    [InlineData("GET", "/api/v1/runs/one/late/events", 404, "No run \"one/late\"")]
    [InlineData("GET", "/api/v1/runs/one/late/checkpoints", 404, "No run \"one/late\"")]
    [InlineData("GET", "/api/v1/runs/one/late/lineage", 404, "No run \"one/late\"")]
    [InlineData("GET", "/api/v1/runs/one/late/plan", 404, "No run \"one/late\"")]
    [InlineData("GET", "/api/v1/runs/one/early/logs?rank=-1", 400, "not \"-1\"")]
    [InlineData("GET", "/api/v1/runs/one/early/logs?follow=perhaps", 400, "follow")]
    [InlineData("DELETE", "/api/v1/runs/one/early", 404, "DELETE /api/v1/runs/one/early is not part of this API")]
    [InlineData("POST", "/api/v1/runs/one/early/priority?to=high", 400, "not \"high\"")]
    [InlineData("POST", "/api/v1/experiments/one/priority", 400, "a whole number")]
    [InlineData("PUT", "/api/v1/runs/one/late/forks/next", 404, "No run \"one/late\"")]
    [InlineData("POST", "/api/v1/nodes/node-9/drain", 404, "No node \"node-9\"")]
    [InlineData("POST", "/api/v1/nodes/node-1/workers/9/release", 404, "has no worker 9")]
    [InlineData("GET", "/api/v1/nonsense", 404, "not part of this API")]
    public async Task Should_answer_with_a_problem_when_the_request_is_wrong(string method, string path, int status, string words)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var answer = await client.SendAsync(request, Cancel);

        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Cancel), ApiJson.Default.ApiProblem)!;
        Assert.Equal(status, problem.Status);
        Assert.Contains(words, problem.Detail, StringComparison.Ordinal);
        Assert.Empty(desk.Asked);
    }

    [Fact]
    public async Task Should_answer_503_with_the_way_out_when_the_coordinator_is_away()
    {
        desk.Refusal = ApiException.Away("The journal could not be written: disk full.");

        foreach (var path in (string[])["/api/v1/experiments", "/api/v1/runs", "/api/v1/nodes", "/api/v1/runs/one/early"])
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, (await client.GetAsync(path, Cancel)).StatusCode));
        var put = await client.PutAsync("/api/v1/experiments/one", new StringContent("new"), Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, put.StatusCode);
        Assert.Contains("repeat the request", await put.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/cluster", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Should_take_no_spec_of_more_than_a_mebibyte()
    {
        var answer = await client.PutAsync("/api/v1/experiments/one", new StringContent(new string('x', (1 << 20) + 1)), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(desk.Asked);
    }

    [Fact]
    public async Task Should_send_lines_as_they_come_until_the_run_is_over_when_logs_are_followed()
    {
        var logs = Directory.CreateDirectory(experiment.Folder.Run("early").Logs).FullName;
        await File.WriteAllTextAsync(Path.Combine(logs, "rank-0.log"), "first\nhal", Cancel);
        await File.WriteAllTextAsync(Path.Combine(logs, "rank-1.log"), "other\n", Cancel);
        using var answer = await client.GetAsync("/api/v1/runs/one/early/logs?follow=true", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));

        Assert.Equal("[0] first", await reader.ReadLineAsync(Cancel));
        Assert.Equal("[1] other", await reader.ReadLineAsync(Cancel));
        await File.AppendAllTextAsync(Path.Combine(logs, "rank-0.log"), "f\n", Cancel);
        Assert.Equal("[0] half", await reader.ReadLineAsync(Cancel));
        state = LiveRunState.Succeeded;
        Assert.Null(await reader.ReadLineAsync(Cancel));
        Assert.Equal("other\n", await client.GetStringAsync("/api/v1/runs/one/early/logs?rank=1", Cancel));
    }

    [Fact]
    public async Task Should_tell_a_member_where_the_coordinator_is_and_nothing_else_when_it_shows_its_certificate()
    {
        using var authority = PrivateAuthority.Create(DateTimeOffset.UtcNow);
        using var server = authority.Issue("server", ["127.0.0.1"], DateTimeOffset.UtcNow);
        using var agent = authority.Issue("agent", ["127.0.0.1"], DateTimeOffset.UtcNow);
        using var foreignAuthority = PrivateAuthority.Create(DateTimeOffset.UtcNow);
        using var foreign = foreignAuthority.Issue("agent", ["127.0.0.1"], DateTimeOffset.UtcNow);
        await using var secure = await StartAsync(options with { Secure = new SecureAddress(new Uri("https://127.0.0.1:0"), IPAddress.Loopback, server) });

        Assert.Equal(200, await Ask(secure.Url, agent.Certificate, "/api/v1/cluster"));
        Assert.Equal(401, await Ask(secure.Url, agent.Certificate, "/api/v1/experiments"));
        Assert.Equal(401, await Ask(secure.Url, null, "/api/v1/cluster"));
        await Assert.ThrowsAsync<HttpRequestException>(() => Ask(secure.Url, foreign.Certificate, "/api/v1/cluster"));
        Assert.Equal(200, await Ask(secure.Url, null, "/api/v1/experiments", token: options.Token.Text));
        Assert.Equal(403, await Ask(secure.Url, null, "/api/v1/experiments", token: options.Token.Text, origin: "https://evil.example"));
    }

    private static async Task<int> Ask(Uri url, X509Certificate2? shown, string path, string? token = null, string? origin = null)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (shown is not null)
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => shown;
        using var asking = new HttpClient(handler) { BaseAddress = url };
        if (token is not null)
            asking.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (origin is not null)
            asking.DefaultRequestHeaders.Add("Origin", origin);
        return (int)(await asking.GetAsync(path, Cancel)).StatusCode;
    }

    private Task<DashboardHost> StartAsync(DashboardOptions with) => DashboardHost.StartAsync(
        with, feed, new LiveSource("root", IsOneExperiment: false, name => experiment.Folder.Run(name.Split('/')[^1])), desk, TimeProvider.System, Cancel);

    private async Task<T> Get<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await client.GetStringAsync(path, Cancel), type)!;
}
