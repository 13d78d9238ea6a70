using JointFusion.Dashboard;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.Tests;

public sealed class LivePageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly FixtureRun[] runs = [.. SampleExperiment.Runs().Select(run => run with { Queries = [] })];
    private readonly FakeFeed feed = new();
    private readonly TemporaryExperiment experiment = new();
    private readonly DashboardOptions options = new();
    private DashboardHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var run in runs)
        {
            run.WriteTo(experiment.Folder);
            File.Delete(experiment.Folder.Run(run.Name).Metrics);
        }

        host = await StartAsync(options, feed);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
    }

    [Fact]
    public async Task Should_move_curve_and_row_when_steps_come()
    {
        feed.Change(Cluster());
        var page = await chromium.OpenAsync(host.Link.ToString());
        var row = page.Locator("[data-run=early].run");
        await Expect(row.Locator(".state")).ToHaveTextAsync("training");

        Steps("early", 1, 100);
        await Expect(row.Locator(".step")).ToHaveTextAsync("100 of 360");
        var before = await page.Locator("path[data-line=early]").GetAttributeAsync("d");
        Steps("early", 101, 200);
        await Expect(row.Locator(".step")).ToHaveTextAsync("200 of 360");

        await Expect(row.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", "200");
        await Expect(page.Locator("path[data-line=early]")).Not.ToHaveAttributeAsync("d", before!);
        Assert.Equal(199, (await page.Locator("path[data-line=early]").GetAttributeAsync("d"))!.Count(letter => letter == 'L'));
    }

    [Fact]
    public async Task Should_ask_for_the_token_once_and_hide_it_when_the_link_is_opened()
    {
        feed.Change(Cluster());
        var page = await chromium.OpenAsync(host.Url.ToString());
        await Expect(page.Locator("body")).ToContainTextAsync("open that link");

        await page.GotoAsync(host.Link.ToString());
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        Assert.Equal(host.Url.ToString(), page.Url);
        await page.GotoAsync(host.Url.ToString());
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();

        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == $"jointfusion-{host.Url.Port}");
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        Assert.DoesNotContain(options.Token.Text, cookie.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_show_state_and_reason_when_a_run_fails()
    {
        feed.Change(Cluster());
        var page = await chromium.OpenAsync(host.Link.ToString());

        feed.Change(Cluster(score: LiveRunState.Failed, reason: "rank 1 in training: the loss is not a number <b>at step 40</b>"));

        await Expect(page.Locator("[data-run=score] .state")).ToHaveTextAsync("failed");
        await Expect(page.Locator("[data-run=score] .reason")).ToHaveTextAsync("rank 1 in training: the loss is not a number <b>at step 40</b>");
    }

    [Fact]
    public async Task Should_go_on_by_itself_when_the_process_was_restarted()
    {
        feed.Change(Cluster());
        var page = await chromium.OpenAsync(host.Link.ToString());
        await Expect(page.Locator("[data-run=early].run .state")).ToHaveTextAsync("training");
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        var url = host.Url;

        await host.DisposeAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        var second = new FakeFeed();
        host = await StartAsync(options with { Url = url }, second);
        second.Change(FakeFeed.Cluster(LiveRunState.Evaluating, "early"));

        await Expect(page.Locator("[data-run=early].run .state")).ToHaveTextAsync("evaluating", new() { Timeout = 30_000 });
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("light", 1200, ColorScheme.Light)]
    [InlineData("dark", 1200, ColorScheme.Dark)]
    [InlineData("phone", 400, ColorScheme.Light)]
    public async Task Should_fit_the_window_and_answer_the_keyboard(string name, int width, ColorScheme scheme)
    {
        feed.Change(Cluster(score: LiveRunState.Recovering, reason: "worker node-1/1 (pid 4001) was killed by signal 9; goes on from step 60", feature: LiveRunState.Queued));
        Steps("early", 1, 240);
        Steps("score", 1, 77);
        var page = await chromium.OpenAsync(host.Link.ToString(), width, scheme);
        await Expect(page.Locator("[data-run=score] .step")).ToHaveTextAsync("77 of 360");
        await Expect(page.Locator("[data-run=early].run .step")).ToHaveTextAsync("240 of 360");
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync(); // What is drawn anew then would take the focus along.

        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        await page.Keyboard.PressAsync("Tab");

        Assert.Equal(0, overflow);
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.EvaluateAsync("document.activeElement.blur()");
        await Chromium.CheckAccessibilityAsync(page);
        await Chromium.KeepAsync(page, $"live-{name}");
    }

    private Task<DashboardHost> StartAsync(DashboardOptions how, FakeFeed from) =>
        DashboardHost.StartAsync(how, from, experiment.Folder, TimeProvider.System, Cancel);

    private void Steps(string run, int first, int last)
    {
        var fixture = runs.Single(r => r.Name == run);
        for (var step = first; step <= last; step++)
            feed.Step(fixture.Step(step));
    }

    private static LiveCluster Cluster(
        LiveRunState score = LiveRunState.Training, string? reason = null, LiveRunState feature = LiveRunState.Training) => new(
        [
            new LiveNode("node-1", [new LiveWorker(0, 4000, "early", 0, "training", ""), new LiveWorker(1, 4001, "early", 1, "training", "")], []),
            new LiveNode("node-2", [new LiveWorker(0, 512, "score", 0, "resuming", "step 60"), new LiveWorker(1, null, null, null, "starting", "killed by signal 9")], []),
        ],
        [
            new LiveRun("early", LiveRunState.Training, DateTimeOffset.UtcNow.AddMinutes(-3), "instruction", 1, 180, null),
            new LiveRun("score", score, DateTimeOffset.UtcNow.AddSeconds(-4), "adaptation", 2, 60, reason),
            new LiveRun("feature", feature, DateTimeOffset.UtcNow.AddMinutes(-5), null, 0, null, feature == LiveRunState.Queued ? "waits for 2 workers" : null),
        ]);
}
