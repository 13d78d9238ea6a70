using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.Tests;

/// <summary>The pages that write, compare and ask, in a browser, over a server that is made up; <c>PlayTests</c> has a real one.</summary>
public sealed class ServerPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    /// <summary>What makes the window scroll sideways.</summary>
    private const string TooWide = """
        () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? "" : [...document.querySelectorAll("body *")]
          .filter(part => part.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(part => `${part.tagName}.${part.className}`).join("\n")
        """;

    private readonly TemporaryExperiment experiment = new(SweptExperiment.Runs());
    private readonly DashboardOptions options = new();
    private readonly FakeFeed feed = new();
    private FakeDesk desk = null!;
    private DashboardHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        SweptExperiment.WriteSpec(experiment.Folder);
        foreach (var run in SweptExperiment.Runs())
            Directory.CreateDirectory(experiment.Folder.Run(run.Name).Checkpoint(60));
        var cluster = new LiveCluster([], [.. SweptExperiment.Runs().Select(run => new LiveRun($"one/{run.Name}", LiveRunState.Training, DateTimeOffset.UtcNow, "adaptation", 1, 60, null))]);
        desk = new FakeDesk(experiment.Folder, () => cluster)
        {
            Experiments = [("one", [.. SweptExperiment.Runs().Select(run => $"one/{run.Name}")])],
            Preview = new PlanPreview(
                [.. SweptExperiment.Runs().Select(run => run.Plan())],
                SweptExperiment.Runs().ToImmutableDictionary(run => run.Name, run => ImmutableSortedDictionary<string, string>.Empty.Add("retriever.fusion", run.Name[..5]).Add("seed", $"{run.Seed}")),
                ["A note of the sweep."]),
        };
        host = await DashboardHost.StartAsync(
            options, feed, new LiveSource("root", false, run => experiment.Folder.Run(run.Split('/')[^1])), desk, TimeProvider.System, Cancel);
        feed.Change(cluster);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
    }

    [Fact]
    public async Task Should_tell_faults_at_their_places_and_submit_when_they_are_mended()
    {
        var page = await OpenAsync("submit");
        var editor = page.GetByLabel("The experiment's YAML");
        await Expect(editor).ToBeEnabledAsync();

        await editor.FillAsync(SweptExperiment.Yaml.Replace("nano", "nanno", StringComparison.Ordinal));
        var fault = page.Locator(".fault");
        await Expect(fault).ToHaveCountAsync(1);
        var expected = Assert.Single(SpecLoader.Parse(SweptExperiment.Yaml.Replace("nano", "nanno", StringComparison.Ordinal), "experiment.yaml", "/").Faults);
        await Expect(fault).ToContainTextAsync(expected.Message);
        await Expect(fault.Locator(".fault-place")).ToHaveTextAsync($"{expected.Line}:{expected.Column}");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true })).ToBeDisabledAsync();
        await fault.ClickAsync();
        Assert.Equal("nanno, fusion", await editor.EvaluateAsync<string>("area => area.value.slice(area.selectionStart, area.selectionStart + 13)"));

        await editor.FillAsync(SweptExperiment.Yaml);
        await Expect(fault).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the plan" }).ClickAsync();
        await Expect(page.Locator(".plan tbody tr")).ToHaveCountAsync(4);
        await Expect(page.Locator(".plan")).ToContainTextAsync("plan-of-score-seed8");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("fusions");
        await page.GetByLabel("Name").FillAsync("first");
        desk.Experiments = [.. desk.Experiments, ("first", ["first/early-seed7"])];
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();

        await Expect(page.Locator(".notice.done")).ToContainTextAsync("1 run of first is queued");
        Assert.Equal($"submit first first.yaml {SweptExperiment.Yaml} by {options.Owner}", desk.Asked[^1]);
    }

    [Fact]
    public async Task Should_complete_by_keyboard_when_asked()
    {
        var page = await OpenAsync("submit");
        var editor = page.GetByLabel("The experiment's YAML");
        await Expect(editor).ToBeEnabledAsync();

        await editor.FocusAsync();
        await page.Keyboard.TypeAsync("retriever: { fus");
        await Expect(page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option, new() { Selected = true })).ToContainTextAsync("fusion");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option)).ToHaveCountAsync(Enum.GetValues<Fusion>().Length);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Tab");
        await Expect(editor).ToHaveValueAsync($"retriever: {{ fusion: {Enum.GetNames<Fusion>()[1].ToLowerInvariant()}");
        await page.Keyboard.PressAsync("Control+Space");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Listbox)).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Tab");

        await Expect(editor).Not.ToBeFocusedAsync();
    }

    [Fact]
    public async Task Should_compare_early_and_late_seed_by_seed_and_pause_all_when_asked()
    {
        var page = await OpenAsync("sweeps?of=one");
        var early = page.GetByRole(AriaRole.Heading, new() { Name = "Early against late fusion" }).Locator("xpath=ancestor::section");

        await Expect(page.Locator("[data-row]")).ToHaveCountAsync(4);
        await Expect(page.Locator("[data-row=score-seed8]")).ToContainTextAsync("score");
        await Expect(page.Locator(".sweep .place")).ToHaveTextAsync("best so far");
        await Expect(page.Locator(".parallel g[data-run]")).ToHaveCountAsync(4);
        await Expect(early.Locator(".multiple")).ToHaveCountAsync(2, new() { Timeout = 20_000 });
        await Expect(early).ToContainTextAsync("early-seed7 against score-seed7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();

        await Expect(page.GetByText("Asked to pause.")).ToBeVisibleAsync();
        Assert.Equal($"pause one/early-seed7,one/early-seed8,one/score-seed7,one/score-seed8 by {options.Owner}", desk.Asked[^1]);
    }

    [Fact]
    public async Task Should_ask_both_checkpoints_with_text_then_picture_then_both_when_given()
    {
        desk.Retrievers.Tasks = [0, 3, 4, 7];
        var page = await OpenAsync("playground");
        var picture = new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==") };
        var ask = page.GetByRole(AriaRole.Button, new() { Name = "Ask both" });

        await page.GetByLabel("Words").FillAsync("a red heart");
        await AskAsync(2);
        await page.GetByLabel("A picture to ask with").SetInputFilesAsync(picture);
        await Expect(page.GetByAltText("Your picture: dot.png")).ToBeVisibleAsync();
        await page.GetByLabel("Looking for").SelectOptionAsync(new SelectOptionValue { Label = "pictures (task 7)" });
        await AskAsync(4);
        await page.GetByLabel("Words").FillAsync("");
        await AskAsync(6);

        Assert.Equal(["a red heart", "a red heart", null], desk.Retrievers.Asked.Where((_, i) => i % 2 == 0).Select(query => query.Text));
        Assert.Equal([null, 7, 4], desk.Retrievers.Asked.Where((_, i) => i % 2 == 0).Select(query => query.Task));
        Assert.Equal(["early", "score"], desk.Retrievers.Asked.Take(2).Select(query => query.Run[..5]));
        Assert.Equal(picture.Buffer, desk.Retrievers.Asked[^1].Picture!);
        await Expect(page.Locator("[data-side=Left] .hit")).ToHaveCountAsync(3);
        await Expect(page.Locator("[data-side=Right] .score").First).ToHaveTextAsync("0.900");

        async Task AskAsync(int questions)
        {
            await ask.ClickAsync();
            await Expect(page.Locator("[data-side=Right][data-done]")).ToBeVisibleAsync();
            await Expect(ask).ToBeEnabledAsync();
            Assert.Equal(questions, desk.Retrievers.Asked.Count);
        }
    }

    [Fact]
    public async Task Should_show_what_failed_and_only_that_when_filtered()
    {
        var run = SweptExperiment.Runs()[0];
        var failed = run.Queries.Where(query => query is { Operation: "toggle", Rank: null or > 5 }).ToList();
        var page = await OpenAsync($"failures?of=one&run={run.Name}");

        await page.GetByLabel("Operation").SelectOptionAsync("toggle");

        await Expect(page.Locator($".failures[data-count='{failed.Count}']")).ToBeVisibleAsync();
        var first = page.Locator(".failure").First;
        await Expect(first).ToHaveAttributeAsync("data-query", $"test:{failed[0].Id}");
        await Expect(first.Locator(".came .item")).ToHaveCountAsync(5);
        Assert.True(await first.Locator("img").First.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
    }

    [Theory]
    [InlineData("light", 1200, ColorScheme.Light)]
    [InlineData("dark", 1200, ColorScheme.Dark)]
    [InlineData("phone", 400, ColorScheme.Light)]
    public async Task Should_fit_the_window_and_name_everything(string name, int width, ColorScheme scheme)
    {
        var page = await OpenAsync("submit", width, scheme);
        var editor = page.GetByLabel("The experiment's YAML");
        await Expect(editor).ToBeEnabledAsync();
        await page.GetByLabel("Begin with").SelectOptionAsync("example quickstart.yaml");
        await Expect(page.Locator(".verdict-line")).ToContainTextAsync("No fault");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the plan" }).ClickAsync();
        await Expect(page.Locator(".plan tbody tr")).ToHaveCountAsync(4);
        await CheckAsync($"submit-{name}");
        await editor.FillAsync("name: first\nretriever: { fusion: earli, preset: nano }\nstages:\n  - name: adaptation\n    steps: many\n    ");
        await Expect(page.Locator(".fault").First).ToBeVisibleAsync();
        await editor.PressAsync("Control+End");
        await editor.PressAsync("Control+Space");
        await Expect(page.GetByRole(AriaRole.Listbox)).ToBeVisibleAsync();
        await CheckAsync($"submit-faults-{name}");

        await page.GotoAsync(new Uri(host.Url, "sweeps?of=one").ToString());
        await Expect(page.Locator(".multiple .tally").First).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await CheckAsync($"sweeps-{name}");

        await page.GotoAsync(new Uri(host.Url, "playground").ToString());
        await page.GetByLabel("Words").FillAsync("a red heart");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask both" }).ClickAsync();
        await Expect(page.Locator("[data-side=Right][data-done]")).ToBeVisibleAsync();
        await CheckAsync($"playground-{name}");

        await page.GotoAsync(new Uri(host.Url, "failures").ToString());
        await Expect(page.Locator(".failure").First).ToBeVisibleAsync();
        await CheckAsync($"failures-{name}");

        async Task CheckAsync(string shot)
        {
            await Chromium.KeepAsync(page, shot);
            Assert.Equal("", await page.EvaluateAsync<string>(TooWide));
            if (name != "phone")
                await Chromium.CheckAccessibilityAsync(page);
        }
    }

    private async Task<IPage> OpenAsync(string path, int width = 1200, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await chromium.OpenAsync(host.Link.ToString(), width, scheme);
        await page.GotoAsync(new Uri(host.Url, path).ToString());
        await Expect(page.Locator("header[data-live]")).ToBeVisibleAsync();
        return page;
    }
}
