using System.Text.RegularExpressions;
using JointFusion.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A real server, its workers and a browser: a run watched through a killed worker, a pause, a fork and a server that is started anew.</summary>
public sealed class WatchedRunTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncDisposable
{
    private const int Sigkill = 9;
    private const float Patience = 60_000;
    private readonly string data = TinySet.Create();
    private ServedCluster? served;

    public async ValueTask DisposeAsync()
    {
        if (served is not null)
            await served.DisposeAsync();
    }

    [Fact]
    public async Task Should_NameTheKilledWorkerPauseForkAndResume_When_ARunIsWatched()
    {
        var cluster = served = new ServedCluster(data);
        await cluster.StartServerAsync();
        var agent = await cluster.StartAgentAsync("a", workers: 2);
        var experiment = new SmallExperiment(data, workers: 2, fusions: "early", steps: 20_000); // More than anybody waits for: it is left before its end.
        var submitted = await cluster.RunAsync("submit", experiment.Spec, "--name", "first");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        var page = await chromium.OpenAsync(await cluster.Server.LineAsync("Live page: "));
        List<string> faults = [];
        page.PageError += (_, fault) => faults.Add(fault);

        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "first/early" }).ClickAsync();
        await StepAsync(page, 6);
        Assert.NotEqual("", await page.Locator("[data-line='first/early']").First.GetAttributeAsync("d"));
        await Chromium.KeepAsync(page, "watched-training");

        var victim = SmallExperiment.Workers(agent.Id)[1];
        JfProcess.Signal(victim, Sigkill);
        await Expect(page.Locator(".events")).ToContainTextAsync(
            new Regex($"rank \\d, while .*crashed: worker process {victim} was killed"), new() { Timeout = Patience });
        await Chromium.KeepAsync(page, "watched-killed");
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("training", new() { Timeout = Patience });

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("paused", new() { Timeout = Patience });
        await page.GetByRole(AriaRole.Button, new() { Name = "Fork…" }).First.ClickAsync();
        await page.GetByLabel("Its name").FillAsync("second");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fork", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "second/early" }).ClickAsync(new() { Timeout = Patience });
        await Expect(page.Locator(".facts")).ToContainTextAsync("of first/early");
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("training", new() { Timeout = Patience });
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("paused", new() { Timeout = Patience });

        await page.GotoAsync($"{cluster.Url}/runs/first/early");
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        var before = await StepAsync(page, 0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await StepAsync(page, before + 1);
        await ServedCluster.KillAsync(cluster.Server);
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await cluster.StartServerAsync();
        await StepAsync(page, cluster.Metrics("first").Count + 1);
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();

        Assert.EndsWith("/runs/first/early", page.Url, StringComparison.Ordinal);
        Assert.Empty(faults);
    }

    /// <summary>Returns once the page shows this step or a later one.</summary>
    /// <returns>Which it shows.</returns>
    private static async Task<int> StepAsync(IPage page, int atLeast)
    {
        const string read = "Number((document.querySelector('.figure-steps .step')?.textContent ?? '-1').split(' ')[0].replace(',', ''))";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(Patience));
        while (true)
        {
            try
            {
                // Playwright's own waiting compiles words in the page, which its policy forbids.
                if (await page.EvaluateAsync<int>(read) is var step && step >= atLeast)
                    return step;
            }
            catch (PlaywrightException) when (!limit.IsCancellationRequested)
            {
                // The page is being loaded anew.
            }
            await Task.Delay(50, limit.Token);
        }
    }
}
