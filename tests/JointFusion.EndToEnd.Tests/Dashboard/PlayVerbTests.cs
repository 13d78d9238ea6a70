using JointFusion.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.EndToEnd.Tests;

/// <summary>What <c>jf run</c> has trained, asked in a browser by <c>jf play</c>, which changes nothing.</summary>
public sealed class PlayVerbTests(UndisturbedRun undisturbed, Chromium chromium) : IClassFixture<UndisturbedRun>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Should_ShowWhatEarlyAndLateFind_When_AnExperimentIsPlayed()
    {
        var folder = undisturbed.Experiment.Result.Path;
        var before = Files(folder);
        await using var play = JfProcess.Start(folder, "play", folder);
        var page = await chromium.OpenAsync(await play.LineAsync("Live page: "));

        await Expect(page.Locator("nav a")).ToHaveTextAsync(["Runs", "Cluster", "Sweeps", "Failures", "Playground"]); // Nothing can be submitted.
        await page.GetByLabel("Words").FillAsync("a red heart");
        await page.GetByLabel("Looking for").SelectOptionAsync(new SelectOptionValue { Label = "pictures (task 0)" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask both" }).ClickAsync();
        await Expect(page.Locator("[data-answered='1']")).ToBeVisibleAsync();

        foreach (var side in (string[])["Left", "Right"])
        {
            await Expect(page.Locator($"[data-side={side}] .hit")).ToHaveCountAsync(10);
            Assert.True(await page.Locator($"[data-side={side}] .hit img").First.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
        }
        await Expect(page.Locator("[data-side=Left] option[selected]")).ToContainTextAsync("early");
        await Chromium.KeepAsync(page, "play");
        await page.GetByRole(AriaRole.Link, new() { Name = "Failures" }).ClickAsync();
        await Expect(page.Locator(".failure img").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Runs" }).ClickAsync();
        await Expect(page.Locator("main .state").First).ToHaveTextAsync("succeeded");

        play.Interrupt();
        Assert.Equal(0, (await play.EndAsync()).ExitCode);
        Assert.Equal(before, Files(folder));
    }

    private static IReadOnlyList<(string, long, DateTime)> Files(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => (path, new FileInfo(path).Length, File.GetLastWriteTimeUtc(path)))];
}
