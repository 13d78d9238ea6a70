using System.Text.Json;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The shortest of the drills, whole; the others: drills.md in Soaks.</summary>
[Collection(Undisturbed.Name)]
public sealed class DrillTests
{
    private readonly string folder = TestPaths.NewFolder("drill");

    [Fact]
    public async Task Should_ComputeThatNothingIsLost_When_AWorkerIsKilled()
    {
        var ended = await JfProcess.RunAsync(folder, "drill", "kill-worker", "--json");

        var verdict = Assert.Single(JsonDocument.Parse(ended.Output).RootElement.EnumerateArray());
        Assert.Empty(verdict.GetProperty("lost").EnumerateArray());
        Assert.Equal(2, verdict.GetProperty("attempts").GetInt32());
        Assert.InRange(verdict.GetProperty("training_away_seconds").GetDouble(), 0, double.MaxValue);
    }

    [Fact]
    public async Task Should_EndEveryProcessAndLeaveNothing_When_Interrupted()
    {
        await using var jf = JfProcess.Start(folder, Temporary, "drill", "kill-worker");
        var scratch = await ScratchAsync(share => File.Exists(Path.Combine(share, "journal.db")));
        Assert.NotEmpty(Mentioning(scratch));

        jf.Interrupt();
        var ended = await jf.EndAsync();

        Assert.Equal(130, ended.ExitCode);
        Assert.Empty(Mentioning(scratch));
        Assert.False(Directory.Exists(scratch));
    }

    private Dictionary<string, string> Temporary => new() { ["TMPDIR"] = folder };

    /// <summary>The drill's folder, once its cluster's share is so.</summary>
    private async Task<string> ScratchAsync(Func<string, bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (Directory.GetDirectories(folder, "jf-drill-*") is [var scratch] && isSo(Path.Combine(scratch, "cluster-1", "share")))
                return scratch;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Processes on whose command line this is.</summary>
    private static IEnumerable<int> Mentioning(string text) =>
        from process in Directory.GetDirectories("/proc")
        let name = Path.GetFileName(process)
        where name.All(char.IsAsciiDigit) && CommandLine(process).Contains(text, StringComparison.Ordinal)
        select int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }
}
