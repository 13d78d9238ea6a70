using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>
/// The quick form of the fusion study twice: undisturbed, and stopped at three random moments. No figure may differ. Half an hour long, so it runs only when
/// asked for; how, and its outcome: study-soak.md beside this file.
/// </summary>
public sealed class StudySoak(ITestOutputHelper output)
{
    private const int Sigkill = 9;
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("JF_SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random random = new(Seed);
    private readonly string spec = Path.Combine(AppContext.BaseDirectory, "study", "fusion-study-quick.yaml");

    [Fact(Explicit = true)]
    public async Task Should_EndWithTheSameFigures_When_StoppedAtThreeRandomMoments()
    {
        var (undisturbed, disturbed) = (TestPaths.NewFolder("study"), TestPaths.NewFolder("study"));
        var data = await JfProcess.RunAsync(undisturbed, "data", "icons");
        Assert.True(data.ExitCode == 0, data.Output + data.Errors);
        var since = Stopwatch.GetTimestamp();
        await using (var jf = JfProcess.Start(undisturbed, "run", spec))
            Succeeded(await jf.EndAsync(Limit));
        var text = new StringBuilder($"Undisturbed: {Stopwatch.GetElapsedTime(since).TotalMinutes:0.0} minutes.\n\n| # | stopped by | runs evaluated |\n|--:|---|--:|\n");

        string[] command = ["run", spec];
        var moments = Enumerable.Range(0, 3).Select(_ => random.Next(1, 27)).Order().ToList();
        for (var stop = 1; stop <= moments.Count; stop++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {stop} | {await StopAsync(disturbed, command, moments[stop - 1], isKill: random.Next(2) == 0)} |");
            command = ["run", "--resume", Result(disturbed).Path];
        }
        await using (var jf = JfProcess.Start(disturbed, command))
            Succeeded(await jf.EndAsync(Limit));

        output.WriteLine(text.ToString());
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, text.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(Result(undisturbed).Results, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Result(disturbed).Results, TestContext.Current.CancellationToken));
        Assert.Equal(await FiguresAsync(undisturbed), await FiguresAsync(disturbed));
    }

    private static ExperimentFolder Result(string folder) => new(Directory.GetDirectories(Path.Combine(folder, "runs")).Single());

    private static void Succeeded(JfResult ended) => Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);

    /// <summary>Somewhere in the run after so many have been evaluated.</summary>
    private async Task<string> StopAsync(string folder, string[] command, int evaluated, bool isKill)
    {
        await using var jf = JfProcess.Start(folder, command);
        while (Evaluated(folder) < evaluated)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        await Task.Delay(random.Next(20_000), TestContext.Current.CancellationToken);
        if (isKill)
            JfProcess.Signal(jf.Id, Sigkill);
        else
            jf.Interrupt();
        await jf.EndAsync(Limit);
        return $"{(isKill ? "SIGKILL" : "Ctrl-C")} | {Evaluated(folder)}";
    }

    private static int Evaluated(string folder) =>
        Directory.Exists(Path.Combine(folder, "runs")) ? Directory.GetFiles(Path.Combine(folder, "runs"), "evaluation.json", SearchOption.AllDirectories).Length : 0;

    /// <summary>study.json, but for how long its runs took.</summary>
    private static async Task<string> FiguresAsync(string folder)
    {
        var study = JsonNode.Parse(await File.ReadAllTextAsync(Result(folder).Study, TestContext.Current.CancellationToken))!;
        foreach (var kind in study["kinds"]!.AsArray())
            kind!.AsObject().Remove("hours");
        return study.ToJsonString();
    }
}
