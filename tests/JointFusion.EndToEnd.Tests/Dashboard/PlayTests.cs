using System.Globalization;
using JointFusion.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.EndToEnd.Tests;

/// <summary>From an empty server to the first pictures in the playground, with nothing but a browser.</summary>
public sealed class PlayTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const float Patience = 60_000;

    [Fact]
    public async Task Should_SubmitCompareAskAndLook_When_OneHasABrowserAlone()
    {
        var data = TinySet.Create();
        await using var cluster = new ServedCluster(data);
        await cluster.StartServerAsync();
        await cluster.StartAgentAsync("here", workers: 2);
        var page = await chromium.OpenAsync(await cluster.Server.LineAsync("Live page: "));
        page.SetDefaultTimeout(Patience);
        List<string> broken = [];
        page.PageError += (_, fault) => broken.Add(fault);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                broken.Add($"{response.Status} {response.Url}");
        };

        await SubmitAsync(page, cluster, data);
        await cluster.StatusAsync("first", status => status.GetProperty("state").GetString() == "succeeded");
        await CompareAsync(page, cluster);
        await AskAsync(page, cluster, data);
        await LookAsync(page, cluster);

        Assert.Empty(broken);
        var answering = Assert.Single(QueryWorkers(cluster.Server.Id));
        await ServedCluster.KillAsync(cluster.Server);
        while (SmallExperiment.IsAlive(answering))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private static string Yaml(string data, string preset) => $$"""
        name: small
        seed: 3
        data: { source: mbeir, root: {{data}}, image_size: 32 }
        retriever: { preset: {{preset}}, fusion: early }
        stages:
          - { name: adaptation, tasks: [0, 3], steps: 6, global_batch: 16, learning_rate: 1.0e-3 }
          - { name: instruction, tasks: [0, 3, 7], instructions: true, steps: 12, global_batch: 16, learning_rate: 1.0e-3 }
        evaluation: { splits: [val], pools: [local] }
        resources: { workers: 1, device: cpu }
        sweep: { grid: { retriever.fusion: [early, score] } }
        """;

    /// <summary>With a fault first, then right.</summary>
    private static async Task SubmitAsync(IPage page, ServedCluster cluster, string data)
    {
        await GoAsync(page, cluster, "submit");
        var editor = page.GetByLabel("The experiment's YAML");
        await Expect(editor).ToBeEnabledAsync();
        await editor.FillAsync(Yaml(data, "nanno"));
        await Expect(page.Locator(".fault-place")).ToHaveTextAsync("4:22");
        await editor.FillAsync(Yaml(data, "nano"));
        await Expect(page.Locator(".verdict-line")).ToContainTextAsync("No fault");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the plan" }).ClickAsync();
        await Expect(page.Locator(".plan tbody tr")).ToHaveCountAsync(2, new() { Timeout = Patience });
        await page.GetByLabel("Name").FillAsync("first");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();
        await Expect(page.Locator(".notice.done")).ToContainTextAsync("2 runs of first are queued", new() { Timeout = Patience });
        await page.GetByRole(AriaRole.Link, new() { Name = "Watch them" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("early");
    }

    private static async Task CompareAsync(IPage page, ServedCluster cluster)
    {
        await GoAsync(page, cluster, "sweeps?of=first");
        await Expect(page.Locator("[data-row=early] .state")).ToHaveTextAsync("succeeded");
        await Expect(page.Locator(".sweep .place")).ToHaveTextAsync("best so far");
        await Expect(page.Locator(".tally")).ToContainTextAsync("early against score", new() { Timeout = Patience });
    }

    private static async Task AskAsync(IPage page, ServedCluster cluster, string data)
    {
        await GoAsync(page, cluster, "playground");
        var ask = page.GetByRole(AriaRole.Button, new() { Name = "Ask both" });
        await page.GetByLabel("Words").FillAsync("a red heart");
        await page.GetByLabel("How many").SelectOptionAsync("5");
        var asked = 0;
        await Expect(page.Locator("#task option")).ToHaveTextAsync(["anything in the data set", "pictures (task 0)"]); // Nor one from words to texts.
        var byText = await AskAsync();
        await page.GetByLabel("A picture to ask with").SetInputFilesAsync(Directory.GetFiles(data, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First());
        await page.GetByLabel("Looking for").SelectOptionAsync(new SelectOptionValue { Label = "pictures (task 7)" });
        var byBoth = await AskAsync();
        await page.GetByLabel("Words").FillAsync("");
        await Expect(page.Locator("#task option")).ToHaveTextAsync(["anything in the data set", "texts (task 3)"]); // The set has no task that leads from a picture alone to pictures.
        var byPicture = await AskAsync();

        Assert.Equal(3, new[] { byText, byBoth, byPicture }.Select(scores => string.Join(' ', scores)).Distinct().Count());
        await Chromium.KeepAsync(page, "playground-real");

        async Task<IReadOnlyList<string>> AskAsync()
        {
            await ask.ClickAsync();
            await Expect(page.Locator($"[data-answered='{++asked}']")).ToBeVisibleAsync(new() { Timeout = Patience });
            await Expect(page.Locator("[data-side=Left] .hit")).ToHaveCountAsync(5);
            var scores = await page.Locator(".score").AllTextContentsAsync();
            Assert.Equal(10, scores.Count);
            var left = scores.Take(5).Select(score => double.Parse(score, CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(left.OrderDescending(), left);
            return scores;
        }
    }

    private static async Task LookAsync(IPage page, ServedCluster cluster)
    {
        await GoAsync(page, cluster, "failures?of=first&run=early&task=7");
        var first = page.Locator(".failure").First;
        await Expect(first.Locator(".came .item")).ToHaveCountAsync(5);
        Assert.True(await first.Locator("img").First.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
        await Chromium.KeepAsync(page, "failures-real");
    }

    private static async Task GoAsync(IPage page, ServedCluster cluster, string path)
    {
        await page.GotoAsync($"{cluster.Url}/{path}");
        await Expect(page.Locator("header[data-live]")).ToBeVisibleAsync();
    }

    private static IReadOnlyList<int> QueryWorkers(int server) =>
        [.. SmallExperiment.Workers(server).Where(child => File.ReadAllText($"/proc/{child}/cmdline").Contains("query-worker", StringComparison.Ordinal))];
}
