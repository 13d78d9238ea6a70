using JointFusion.Dashboard;
using JointFusion.Experiments;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.Tests;

/// <summary>A server's pages in a browser: what they look like, how they are worked with, how fast they are.</summary>
[Collection(EndToEnd.Tests.Undisturbed.Name)]
public sealed class PagesTests(Chromium chromium, ITestOutputHelper output) : IClassFixture<Chromium>, IAsyncLifetime
{
    private static readonly string[] Addresses = ["", "runs/one/early", "cluster", "nosuch"];
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Steps = 360 };
    private ServedPages pages = null!;

    public async ValueTask InitializeAsync()
    {
        pages = await ServedPages.StartAsync(Early, new FixtureRun("score", Fusion.Score) { Steps = 360 }, new FixtureRun("feature", Fusion.Feature) { Steps = 360 });
        foreach (var run in pages.Runs)
            File.Delete(pages.Folder.Run(run.Name).Metrics);
        pages.Checkpoint(Early, 180);
        pages.Log(Early, 0, "2026-01-01 00:00:00Z attempt 1: training (instruction)", "2026-01-01 00:00:09Z attempt 1: checkpoint at step 180");
        await File.WriteAllTextAsync(pages.Folder.Spec, "name: one\n");
        pages.Feed.Change(Cluster());
    }

    public ValueTask DisposeAsync() => pages.DisposeAsync();

    [Fact]
    public async Task Should_be_accessible_in_light_and_dark_and_fit_a_phone_on_every_page()
    {
        foreach (var (name, width, scheme) in ((string, int, ColorScheme)[])[("light", 1280, ColorScheme.Light), ("dark", 1280, ColorScheme.Dark), ("phone", 360, ColorScheme.Light)])
        {
            var page = await chromium.OpenAsync(pages.Host.Link.ToString(), width, scheme);
            foreach (var address in Addresses)
            {
                await page.GotoAsync($"{pages.Host.Url}{address}");
                await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
                if (address.StartsWith("runs/", StringComparison.Ordinal))
                    await ShowStepsAsync(page);
                await Chromium.KeepAsync(page, $"page-{(address.Length == 0 ? "runs" : address.Split('/')[^1])}-{name}");
                Assert.Equal((address, width, 0), (address, width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")));
                if (name != "phone")
                    await Chromium.CheckAccessibilityAsync(page);
            }
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Should_ask_in_the_users_name_when_runs_are_chosen_and_commanded()
    {
        var page = await chromium.OpenAsync(pages.Host.Link.ToString());
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();

        await page.GetByLabel("Choose one/early").CheckAsync();
        await page.GetByLabel("Choose one/feature").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator(".bulk .told")).ToContainTextAsync("2 runs: Asked to pause");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel…" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, cancel" }).ClickAsync();
        await Expect(page.Locator(".bulk .told")).ToContainTextAsync("Asked to end");
        await page.GetByLabel("Priority").FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(page.Locator(".bulk .told")).ToContainTextAsync("Priority 7");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Drain node-1" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Release node-2/1" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Release node-2/1" })).ToBeEnabledAsync();

        Assert.Equal(
            ["pause one/early,one/feature by root", "cancel one/early,one/feature by root", "priority 7 one/early,one/feature by root", "drain node-1 True by root", "release node-2/1 by root"],
            pages.Desk.Asked);
    }

    [Fact]
    public async Task Should_fork_at_the_chosen_checkpoint_and_say_why_when_it_is_refused()
    {
        var page = await chromium.OpenAsync(pages.Host.Link.ToString());
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "one/early" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Fork… from step 180" }).ClickAsync();
        pages.Desk.Refusal = new ApiException(400, "It cannot be forked so", "It cannot be forked so. Nothing was begun.", "a.yaml:3:1: nothing is left to train");
        await page.GetByLabel("Its name").FillAsync("again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fork", Exact = true }).ClickAsync();
        await Expect(page.Locator(".fork [role=alert]")).ToContainTextAsync("a.yaml:3:1: nothing is left to train");
        pages.Desk.Refusal = null;
        await page.GetByRole(AriaRole.Button, new() { Name = "Fork", Exact = true }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{pages.Host.Url}runs?experiment=again");
        Assert.Equal(["fork one/early at 180 as again with  by root"], pages.Desk.Asked);
    }

    [Fact]
    public async Task Should_read_values_and_turn_pages_by_keyboard_alone()
    {
        var page = await chromium.OpenAsync(pages.Host.Link.ToString());
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "one/early" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToBeFocusedAsync();
        await ShowStepsAsync(page);
        await page.Locator("[data-plot]").First.FocusAsync();
        await page.Keyboard.PressAsync("Home");

        var shown = await page.Locator(".readout").First.InnerTextAsync();
        Assert.StartsWith("step 1: ", shown, StringComparison.Ordinal);
        Assert.Equal(Early.Step(1).Loss, double.Parse(shown["step 1: ".Length..], System.Globalization.CultureInfo.InvariantCulture), 0.01);
        Assert.StartsWith("step 1", await page.Locator(".plot:has([data-line='0 t→i']) .readout").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_keep_filter_and_theme_when_the_page_is_loaded_again()
    {
        pages.Feed.Change(Cluster() with { Runs = [.. Enumerable.Range(0, 1000).Select(i => new LiveRun($"e{i / 100}/run-{i:000}", LiveRunState.Queued, DateTimeOffset.UtcNow, null, 0, null, null))] });
        var page = await chromium.OpenAsync(pages.Host.Link.ToString());
        await Expect(page.Locator(".pager")).ToContainTextAsync("Page 1 of 20");
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(page.Locator("tr.run")).ToHaveCountAsync(50);
        await Expect(page.Locator("tr.run").First).ToHaveAttributeAsync("data-run", "e0/run-050");
        await page.GetByLabel("Search").FillAsync("run-77");
        await Expect(page.Locator("tr.run")).ToHaveCountAsync(10);
        await page.Locator("#theme").ClickAsync();
        await page.Locator("#theme").ClickAsync();
        await page.ReloadAsync();

        await Expect(page.Locator("tr.run")).ToHaveCountAsync(10);
        await Expect(page.GetByLabel("Search")).ToHaveValueAsync("run-77");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    /// <summary>The figures are printed; the bounds have room for a machine that is busy with other things.</summary>
    [Fact]
    public async Task Should_paint_soon_and_show_steps_as_they_are_taken()
    {
        var page = await chromium.OpenAsync(pages.Host.Link.ToString());
        List<double> paints = [];
        for (var i = 0; i < 5; i++)
        {
            await page.GotoAsync($"{pages.Host.Url}runs/one/early");
            paints.Add(await page.EvaluateAsync<double>("new Promise(r => new PerformanceObserver(l => r(l.getEntriesByName('first-contentful-paint')[0].startTime)).observe({ type: 'paint', buffered: true }))"));
        }
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        var delays = await DelaysAsync(page, steps: 250, everyMilliseconds: 20);

        var (paint, p50, p99) = (paints.Order().ElementAt(2), delays[delays.Count / 2], delays[delays.Count * 99 / 100]);
        output.WriteLine($"first paint {paint:0} ms (median of 5); step to pixel at 50 steps/s: p50 {p50:0} ms, p99 {p99:0} ms");
        Assert.InRange(paint, 1, 3 * 1000);
        Assert.InRange(p99, 1, 3 * 500);
    }

    /// <summary>From a step's time to the first frame that shows it or a later one, ascending.</summary>
    private async Task<List<double>> DelaysAsync(IPage page, int steps, int everyMilliseconds)
    {
        await page.EvaluateAsync(
            """
            () => {
              window.seen = [];
              const read = () => Number(document.querySelector(".figure-steps .step").textContent.split(" ")[0].replace(",", ""));
              new MutationObserver(() => requestAnimationFrame(() => {
                const channel = new MessageChannel();
                channel.port1.onmessage = () => window.seen.push([read(), Date.now()]);
                channel.port2.postMessage(0);
              })).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true, attributes: true });
            }
            """);
        List<DateTimeOffset> taken = [];
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(everyMilliseconds));
        for (var step = 1; step <= steps; step++)
        {
            await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            taken.Add(DateTimeOffset.UtcNow);
            pages.Step(Early, step, taken[^1]);
        }
        await Expect(page.Locator(".figure-steps .step")).ToHaveTextAsync($"{steps} of 360");
        while (!await page.EvaluateAsync<bool>($"window.seen.some(([step]) => step === {steps})"))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        var seen = await page.EvaluateAsync<double[][]>("window.seen");
        return [.. taken.Select((at, index) => seen.First(frame => frame[0] > index)[1] - at.ToUnixTimeMilliseconds()).Order()];
    }

    private async Task ShowStepsAsync(IPage page)
    {
        for (var step = 1; step <= 240; step++)
            pages.Step(Early, step);
        await Expect(page.Locator(".figure-steps .step")).ToHaveTextAsync("240 of 360");
        await Expect(page.Locator("[data-line='0 t→i']")).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("^M"));
    }

    private static LiveCluster Cluster() => new(
        [
            new LiveNode(
                "node-1", [new LiveWorker(0, 4000, "one/early", 0, "training", "instruction"), new LiveWorker(1, 4001, "one/early", 1, "training", "instruction")],
                Labels: ["gpu=h100"], Vitals: new LiveVitals(7.5, 8, 21_000_000_000, 64_000_000_000, DateTimeOffset.UnixEpoch, 71.5)),
            new LiveNode("node-2", [new LiveWorker(0, 512, "one/score", 0, "resuming", "step 60"), new LiveWorker(1, null, null, null, "quarantined", "crashed under 3 runs")], [], IsDraining: true),
        ],
        [
            new LiveRun("one/early", LiveRunState.Training, DateTimeOffset.UtcNow.AddMinutes(-3), "instruction", 1, 180, null, "ann", DeviceHours: 0.25),
            new LiveRun("one/score", LiveRunState.Failed, DateTimeOffset.UtcNow, "adaptation", 2, 60, "rank 1, while training, non-finite numbers: the loss is not a number at step 61"),
            new LiveRun("one/feature", LiveRunState.Queued, DateTimeOffset.UtcNow.AddMinutes(-5), null, 0, null, "waits for 2 workers; the cluster has 1"),
        ]);
}
