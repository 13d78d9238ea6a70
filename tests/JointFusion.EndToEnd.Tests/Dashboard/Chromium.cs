using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace JointFusion.Tests;

/// <summary>One headless Chromium for the tests of a class; they skip where there is none.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    /// <summary>In milliseconds. What is awaited comes sooner or later on a busy machine, too; how soon on a quiet one is what <see cref="PagesTests"/> measures.</summary>
    private const float Patience = 60_000;

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;
        Assertions.SetDefaultExpectTimeout(Patience);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    /// <summary>A page of its own, with nothing remembered.</summary>
    /// <param name="width">Of the window in pixels, as on a phone or a desk.</param>
    public async Task<IPage> OpenAsync(string url, int width = 1200, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipUnless(browser is not null, $"There is no Chromium at {Executable}: apt-get install chromium");
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        return page;
    }

    /// <summary>Beside the test's assembly, under screenshots/.</summary>
    public static Task<byte[]> KeepAsync(IPage page, string name) => page.ScreenshotAsync(
        new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"), FullPage = true });

    /// <summary>Fails on any fault that axe finds: contrast, labels, structure.</summary>
    public static async Task CheckAccessibilityAsync(IPage page)
    {
        var result = await page.RunAxe();
        if (result.Violations.Length > 0) // Said whole: an assertion would cut it short.
            Assert.Fail(string.Join('\n', result.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(node => node.Html))}")));
    }
}
