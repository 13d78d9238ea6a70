using JointFusion.Tests;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The live page over a real run: what its user sees from the first step to after the end.</summary>
public sealed class LiveRunTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const float Patience = 120_000;

    /// <summary>Enough that the page is open before the last one.</summary>
    private const int Steps = 240;

    [Fact]
    public async Task Should_FollowTheRunAndKeepItsEnd_When_ThePageIsOpenThroughout()
    {
        var experiment = new SmallExperiment(TinySet.Create(), workers: 2, fusions: "early", steps: Steps);
        await using var jf = experiment.Start("--dashboard");
        var page = await chromium.OpenAsync(await jf.LineAsync("Live page: "));
        List<string> faults = [];
        page.PageError += (_, fault) => faults.Add(fault);
        var run = page.Locator("[data-run=early].run");
        var curve = page.Locator("path[data-line=early]");

        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        var before = await curve.CountAsync() == 0 ? "" : await curve.GetAttributeAsync("d");
        await Expect(page.Locator("[data-ended]")).ToBeVisibleAsync(new() { Timeout = Patience });
        var ended = await jf.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        await Expect(run.Locator(".state")).ToHaveTextAsync("succeeded");
        await Expect(run.Locator(".step")).ToHaveTextAsync($"{Steps} of {Steps}");
        await Expect(page.Locator("header .notice")).ToContainTextAsync(experiment.Result.Report);
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        var after = await curve.GetAttributeAsync("d");
        Assert.NotEqual(before, after);
        Assert.Equal(Steps - 1, after!.Count(letter => letter == 'L'));
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Should_TellHowToGoOn_When_Interrupted()
    {
        var experiment = new SmallExperiment(TinySet.Create(), workers: 2, fusions: "early", steps: Steps);
        await using var jf = experiment.Start("--dashboard");
        var page = await chromium.OpenAsync(await jf.LineAsync("Live page: "));
        await Expect(page.Locator("[data-live]")).ToBeVisibleAsync();
        await experiment.StepTakenAsync(2);

        jf.Interrupt();

        Assert.Equal(130, (await jf.EndAsync()).ExitCode);
        await Expect(page.Locator("header .notice")).ToContainTextAsync($"jf run --resume {experiment.Result.Path}");
        await Expect(page.Locator("[data-run=early].run .state")).ToHaveTextAsync("paused");
    }
}
