using JointFusion.Dashboard;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace JointFusion.Tests;

public sealed class ReportInBrowserTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Should_switch_tables_by_choice_and_ask_the_network_for_nothing()
    {
        using var experiment = await WriteAsync();
        var page = await chromium.OpenAsync("about:blank");
        List<string> asked = [];
        page.Request += (_, request) => asked.Add(request.Url);
        await page.GotoAsync(new Uri(experiment.Folder.Report).AbsoluteUri);

        var shown = page.Locator("#recalls > .panel:visible");
        await Expect(shown).ToHaveCountAsync(1);
        var local = await shown.InnerTextAsync();
        await page.Locator("#recalls").GetByLabel("global").CheckAsync();
        await Expect(shown).ToHaveCountAsync(1);

        Assert.NotEqual(local, await shown.InnerTextAsync());
        Assert.All(asked, url => Assert.True(url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("file:", StringComparison.Ordinal), url));
        Assert.Single(asked, url => url.StartsWith("file:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("light", 1200, ColorScheme.Light)]
    [InlineData("dark", 1200, ColorScheme.Dark)]
    [InlineData("phone", 400, ColorScheme.Light)]
    public async Task Should_fit_the_window(string name, int width, ColorScheme scheme)
    {
        using var experiment = await WriteAsync();

        var page = await chromium.OpenAsync(new Uri(experiment.Folder.Report).AbsoluteUri, width, scheme);

        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        // The narrow page is the light one again: axe takes its time over a thousand cells.
        if (name != "phone")
            await Chromium.CheckAccessibilityAsync(page);
        await Chromium.KeepAsync(page, $"report-{name}");
    }

    private static async Task<TemporaryExperiment> WriteAsync()
    {
        var experiment = new TemporaryExperiment(SampleExperiment.Runs());
        await ExperimentOutput.WriteAsync(experiment.Folder, new FixtureCatalog(), TimeProvider.System);
        return experiment;
    }
}
