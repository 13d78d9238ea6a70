using System.Diagnostics;
using System.Globalization;
using System.Text;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.EndToEnd.Tests;

/// <summary>
/// A thousand runs with a million steps behind them, fifty new ones a second, two pages open: neither the server's memory nor a page's may grow. Minutes
/// long, so it runs only when asked for; how, and its outcome: page-soak.md beside this file.
/// </summary>
public sealed class PageSoak(Chromium chromium, ITestOutputHelper output) : IClassFixture<Chromium>
{
    private const int RunCount = 1000, StepsBefore = 1000, StepsAfter = 100_000;
    private const double MostGrowth = 1.10;
    private static readonly double Minutes = double.Parse(Environment.GetEnvironmentVariable("JF_SOAK_MINUTES") ?? "10", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Should_KeepItsMemory_When_AThousandRunsAreWatchedForLong()
    {
        var runs = Enumerable.Range(0, RunCount).Select(i => new FixtureRun($"run-{i:0000}", (Fusion)(i % 3)) { Steps = StepsAfter }).ToArray();
        await using var pages = await ServedPages.StartAsync([.. runs.Select(run => run with { Steps = 1 })]);
        pages.Feed.Change(new LiveCluster([], [.. runs.Select(run => new LiveRun($"one/{run.Name}", LiveRunState.Training, DateTimeOffset.UtcNow, "adaptation", 1, null, null))]));
        for (var step = 2; step <= StepsBefore; step++)
            foreach (var run in runs)
                pages.Step(run, step);
        var list = await chromium.OpenAsync(pages.Host.Link.ToString());
        var one = await chromium.OpenAsync(pages.Host.Link.ToString());
        await one.GotoAsync($"{pages.Host.Url}runs/one/{runs[0].Name}");
        await Expect(one.Locator(".figure-steps .step")).ToContainTextAsync($"{StepsBefore:N0} of ", new() { Timeout = 300_000 });

        var table = new StringBuilder("| minute | server, MB | list of runs, MB | a run's page, MB |\n|--:|--:|--:|--:|\n");
        List<double[]> samples = [];
        var (clock, step2, parts) = (Stopwatch.StartNew(), StepsBefore, 10);
        for (var part = 1; part <= parts; part++)
        {
            while (clock.Elapsed.TotalMinutes < Minutes * part / parts)
            {
                pages.Step(runs[0], ++step2);
                pages.Step(runs[step2 % RunCount], step2);
                await Task.Delay(40, TestContext.Current.CancellationToken);
            }
            samples.Add([GC.GetTotalMemory(forceFullCollection: true) / 1e6, await HeapAsync(list), await HeapAsync(one)]);
            table.AppendLine(CultureInfo.InvariantCulture, $"| {clock.Elapsed.TotalMinutes:0.0} | {string.Join(" | ", samples[^1].Select(megabytes => megabytes.ToString("0.0", CultureInfo.InvariantCulture)))} |");
        }
        output.WriteLine(table.ToString());
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, table.ToString(), TestContext.Current.CancellationToken);

        // The first tenths fill what is bounded; from then on it stays as it is.
        for (var what = 0; what < 3; what++)
            Assert.InRange(samples[7..].Average(sample => sample[what]), 0, MostGrowth * samples[2..5].Average(sample => sample[what]));
    }

    /// <summary>Of the page's script, once what it has thrown away is collected; in megabytes.</summary>
    private static async Task<double> HeapAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("HeapProfiler.collectGarbage");
        var used = (await session.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble();
        await session.DetachAsync();
        return used / 1e6;
    }
}
