using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What Prometheus is told, read as strictly as it reads.</summary>
public sealed partial class ServerMetricsTests : IAsyncLifetime
{
    private readonly TemporaryExperiment experiment = new(new FixtureRun("early", Fusion.Early) { Steps = 40 });
    private readonly TemporaryFolder folder = new();
    private readonly DashboardOptions options;
    private readonly TokenBook tokens;
    private FakeDesk desk = null!;
    private DashboardHost host = null!;
    private LiveRunState state = LiveRunState.Training;

    public ServerMetricsTests()
    {
        tokens = new TokenBook(folder.In("tokens.json"));
        options = new DashboardOptions { Command = "jf serve", Tokens = tokens };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(state, "one/early"));
        host = await DashboardHost.StartAsync(
            options, new FakeFeed(), new LiveSource("root", IsOneExperiment: false, name => experiment.Folder.Run(name.Split('/')[^1])), desk, TimeProvider.System, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Should_tell_runs_slots_queue_and_journal_when_a_viewer_collects()
    {
        var samples = await CollectAsync();

        Assert.Equal((1, 0), (samples["jointfusion_runs{state=\"training\"}"], samples["jointfusion_runs{state=\"failed\"}"]));
        Assert.Equal(Enum.GetValues<LiveRunState>().Length, samples.Keys.Count(name => name.StartsWith("jointfusion_runs{", StringComparison.Ordinal)));
        Assert.Equal((1, 0), (samples["jointfusion_slots{node=\"node-1\",state=\"busy\"}"], samples["jointfusion_slots{node=\"node-1\",state=\"quarantined\"}"]));
        Assert.Equal((0, 4096, 1), (samples["jointfusion_queue_length"], samples["jointfusion_journal_bytes"], samples["jointfusion_coordinator_up"]));
        Assert.Equal(40, samples["jointfusion_run_step{run=\"one/early\"}"]);
        Assert.True(samples.ContainsKey("jointfusion_run_loss{run=\"one/early\"}") && samples.ContainsKey("jointfusion_metrics_missed_total"));

        state = LiveRunState.Queued;
        Assert.Equal(1, (await CollectAsync())["jointfusion_queue_length"]);
        state = LiveRunState.Succeeded;
        Assert.DoesNotContain(await CollectAsync(), sample => sample.Key.Contains("one/early", StringComparison.Ordinal)); // Series end with their run.
    }

    [Fact]
    public async Task Should_say_that_the_coordinator_is_away_when_it_is()
    {
        desk.Refusal = ApiException.Away("The disk is full.");

        var samples = await CollectAsync();

        Assert.Equal(0, samples["jointfusion_coordinator_up"]);
        Assert.DoesNotContain(samples, sample => sample.Key.StartsWith("jointfusion_runs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Should_tell_nobody_without_a_token()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        Assert.Equal(401, (int)(await client.GetAsync(new Uri(host.Url, "/metrics"), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Should_count_decisions_into_buckets_when_a_coordinator_of_this_process_takes_them()
    {
        var before = await CollectAsync();
        await using var cluster = new HostedCluster();
        await cluster.StartCoordinatorAsync();
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));

        var after = await CollectAsync();

        Assert.True(after["jointfusion_decision_seconds_count"] > before["jointfusion_decision_seconds_count"]);
        Assert.True(after["jointfusion_decision_seconds_sum"] > before["jointfusion_decision_seconds_sum"]);
        Assert.Equal(after["jointfusion_decision_seconds_count"], after["jointfusion_decision_seconds_bucket{le=\"+Inf\"}"]);
        var buckets = after.Where(sample => sample.Key.StartsWith("jointfusion_decision_seconds_bucket", StringComparison.Ordinal)).Select(sample => sample.Value).ToList();
        Assert.Equal(DecisionHistogram.Bounds.Count + 1, buckets.Count);
        Assert.Equal(buckets.Order(), buckets);
    }

    [Fact]
    public void Should_escape_what_would_end_a_label_when_names_are_strange()
    {
        var text = new PrometheusText();
        text.Gauge("strange", "A \\ and more.", new Sample(double.PositiveInfinity, ("run", "a\"b\\c\nd")), new Sample(0.1 + 0.2));

        Assert.Equal("# HELP strange A \\\\ and more.\n# TYPE strange gauge\nstrange{run=\"a\\\"b\\\\c\\nd\"} +Inf\nstrange 0.30000000000000004\n", text.ToString());
    }

    private async Task<Dictionary<string, double>> CollectAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var viewer = tokens.Create($"prometheus-{Guid.NewGuid():n}"[..20], ApiRole.Viewer, null, DateTimeOffset.UtcNow).Text;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", viewer);
        var answer = await client.GetAsync(new Uri(host.Url, "/metrics"), Cancel);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return Parse(await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>By name and labels. Fails where a family has no head or two, a sample is of another family, or comes twice.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        Dictionary<string, double> samples = [];
        HashSet<string> families = [];
        var (family, kind) = ("", "");
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                family = help.Groups[1].Value;
                Assert.True(families.Add(family), line);
            }
            else if (Kind().Match(line) is { Success: true } type)
            {
                Assert.Equal(family, type.Groups[1].Value);
                kind = type.Groups[2].Value;
            }
            else
            {
                var sample = Line().Match(line);
                Assert.True(sample.Success, line);
                Assert.Contains(sample.Groups[1].Value, kind == "histogram" ? [$"{family}_bucket", $"{family}_sum", $"{family}_count"] : (string[])[family]);
                samples.Add(sample.Groups[1].Value + sample.Groups[2].Value, sample.Groups[3].Value == "+Inf" ? double.PositiveInfinity : double.Parse(sample.Groups[3].Value, CultureInfo.InvariantCulture));
            }
        }
        return samples;
    }

    [GeneratedRegex("^# HELP ([a-z_]+) .+$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE ([a-z_]+) (gauge|counter|histogram)$")]
    private static partial Regex Kind();

    [GeneratedRegex("""^([a-z_]+)((?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?) (\+Inf|-?[0-9][0-9.eE+-]*)$""")]
    private static partial Regex Line();
}
