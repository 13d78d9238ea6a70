using System.Globalization;
using System.Text;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>
/// Twenty-four runs, each killed once at a random moment and gone on with: none may differ from the undisturbed run by a bit. Minutes long, so
/// it runs only when asked for; how, and its outcome: kill-soak.md beside this file.
/// </summary>
public sealed class KillSoak(ITestOutputHelper output)
{
    private const int Kills = 24, Sigkill = 9;
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("JF_SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random random = new(Seed);
    private readonly string data = TinySet.Create();

    [Fact(Explicit = true)]
    public async Task Should_EndWithTheSameBits_When_KilledAtRandomMoments()
    {
        var undisturbed = NewExperiment();
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var table = new StringBuilder("| # | aim | killed | doing | after step | checkpoint being written | went on by | weights, losses, ledger, outcomes |\n|--:|---|---|---|--:|---|---|---|\n");
        for (var kill = 1; kill <= Kills; kill++)
            table.AppendLine($"| {kill} | {await KillOnce((Aim)((kill - 1) % Enum.GetValues<Aim>().Length), undisturbed)} |");
        output.WriteLine(table.ToString());
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, table.ToString(), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("DIFFER", table.ToString(), StringComparison.Ordinal);
    }

    private enum Victim { OneWorker, AllWorkers, Jf }

    private SmallExperiment NewExperiment() => new(data, workers: 2, fusions: "early", mining: true);

    private async Task<string> KillOnce(Aim aim, SmallExperiment undisturbed)
    {
        var experiment = NewExperiment();
        var victim = (Victim)random.Next(3);
        string moment;
        JfResult ended;
        await using (var jf = experiment.Start("--dashboard"))
        {
            using var live = new LiveStatus(await jf.LineAsync("Live page: "));
            var moments = new KillMoments(experiment, live, random);
            await moments.Come(aim);
            if (victim != Victim.Jf)
                await KillMoments.Until(() => SmallExperiment.Workers(jf.Id).Count == 2);
            moment = $"{await live.DoingAsync()} | {moments.Steps} | {(moments.IsWritingCheckpoint ? "yes" : "no")}";
            Kill(jf, victim);
            ended = await jf.EndAsync();
        }
        var recovered = ended.Output.Contains("early: recovering", StringComparison.Ordinal);
        if (victim == Victim.Jf)
            ended = await JfProcess.RunAsync(experiment.Folder, "run", "--resume", experiment.Result.Path);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var wentOn = victim == Victim.Jf ? "--resume" : recovered ? "itself" : "had no need";
        return $"{aim} | {victim} | {moment} | {wentOn} | {(Difference(undisturbed, experiment) is { } what ? $"DIFFER: {what}" : "bitwise the same")}";
    }

    private void Kill(JfProcess jf, Victim victim)
    {
        var workers = SmallExperiment.Workers(jf.Id);
        IEnumerable<int> pids = victim switch
        {
            Victim.Jf => [jf.Id],
            Victim.AllWorkers => workers,
            _ => [workers[random.Next(workers.Count)]],
        };
        foreach (var pid in pids)
            JfProcess.Signal(pid, Sigkill);
    }

    /// <summary>The first thing that is not the same to the bit; null: all is.</summary>
    private static string? Difference(SmallExperiment undisturbed, SmallExperiment other)
    {
        var (expected, actual) = (undisturbed.Result.Run("early"), other.Result.Run("early"));
        var apart = Steps(undisturbed).Zip(Steps(other), (before, after) => (Before: before, After: after)).FirstOrDefault(pair => pair.Before != pair.After);
        return apart != default ? $"{apart.Before} became {apart.After}"
            : Steps(undisturbed).Count() != Steps(other).Count() ? "number of steps"
            : !FinalWeights(expected).AsSpan().SequenceEqual(FinalWeights(actual)) ? "weights"
            : File.ReadAllText(expected.Outcomes) != File.ReadAllText(actual.Outcomes) ? "outcomes"
            : null;
    }

    private static IEnumerable<(int Step, double Loss, double Norm, string Ledger)> Steps(SmallExperiment experiment) =>
        experiment.Metrics().Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private static byte[] FinalWeights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(SmallExperiment.Steps), "weights.safetensors"));
}
