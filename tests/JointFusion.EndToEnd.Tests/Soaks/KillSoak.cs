using System.Diagnostics;
using System.Globalization;
using System.Text;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>
/// Twenty runs, each killed once at a random moment and gone on with: none may differ from the undisturbed run by a bit. Minutes long, so it
/// runs only when asked for; how, and its outcome: kill-soak.md beside this file.
/// </summary>
public sealed class KillSoak(ITestOutputHelper output)
{
    private const int Kills = 20, Sigkill = 9;
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("JF_SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);

    private readonly Random random = new(Seed);
    private readonly string data = TinySet.Create();

    [Fact(Explicit = true)]
    public async Task Should_EndWithTheSameBits_When_KilledAtRandomMoments()
    {
        var undisturbed = new SmallExperiment(data, workers: 2, fusions: "early");
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var table = new StringBuilder("| # | aim | killed | state | after step | checkpoint being written | went on by | weights, losses, ledger, outcomes |\n|--:|---|---|---|--:|---|---|---|\n");
        for (var kill = 1; kill <= Kills; kill++)
            table.AppendLine($"| {kill} | {await KillOnce((Aim)((kill - 1) % Enum.GetValues<Aim>().Length), undisturbed)} |");
        output.WriteLine(table.ToString());
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, table.ToString(), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("DIFFER", table.ToString(), StringComparison.Ordinal);
    }

    private enum Aim { Start, Adaptation, Instruction, CheckpointWrite, Evaluation }

    private enum Victim { OneWorker, AllWorkers, Jf }

    private async Task<string> KillOnce(Aim aim, SmallExperiment undisturbed)
    {
        var experiment = new SmallExperiment(data, workers: 2, fusions: "early");
        var victim = (Victim)random.Next(3);
        string moment;
        JfResult ended;
        await using (var jf = experiment.Start())
        {
            await MomentAsync(aim, experiment, jf);
            if (victim != Victim.Jf)
                await Until(() => SmallExperiment.Workers(jf.Id).Count == 2);
            moment = $"{StateOf(jf)} | {StepsOf(experiment)} | {(IsWriting(experiment) ? "yes" : "no")}";
            Kill(jf, victim);
            ended = await jf.EndAsync();
        }
        var recovered = ended.Output.Contains("early: recovering", StringComparison.Ordinal);
        if (victim == Victim.Jf)
            ended = await JfProcess.RunAsync(experiment.Folder, "run", "--resume", experiment.Result.Path);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var wentOn = victim == Victim.Jf ? "--resume" : recovered ? "itself" : "had no need";
        return $"{aim} | {victim} | {moment} | {wentOn} | {(IsSame(undisturbed, experiment) ? "bitwise the same" : "DIFFER")}";
    }

    private async Task MomentAsync(Aim aim, SmallExperiment experiment, JfProcess jf)
    {
        switch (aim)
        {
            case Aim.Start:
                await Until(() => RunFolder(experiment) is { } run && Directory.Exists(run.Path));
                await Task.Delay(random.Next(3000));
                break;
            case Aim.Adaptation:
            case Aim.Instruction:
                var step = aim == Aim.Adaptation ? random.Next(1, 12) : random.Next(12, 58);
                await Until(() => StepsOf(experiment) >= step);
                break;
            case Aim.CheckpointWrite:
                var after = random.Next(1, 50);
                await Until(() => StepsOf(experiment) >= after && IsWriting(experiment));
                break;
            case Aim.Evaluation:
                await Until(() => StateOf(jf) == "evaluating");
                await Task.Delay(random.Next(200));
                break;
        }
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

    /// <summary>As the run's last line of output has it, such as <c>training</c>.</summary>
    private static string StateOf(JfProcess jf)
    {
        const string beginning = "early: ";
        var last = jf.Output.Split(Environment.NewLine).LastOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal) && !line.Contains("step", StringComparison.Ordinal));
        return last?[beginning.Length..].Split(' ')[0] ?? "-";
    }

    private static bool IsSame(SmallExperiment undisturbed, SmallExperiment other)
    {
        var (expected, actual) = (undisturbed.Result.Run("early"), other.Result.Run("early"));
        return Steps(undisturbed).SequenceEqual(Steps(other))
            && FinalWeights(expected).AsSpan().SequenceEqual(FinalWeights(actual))
            && File.ReadAllText(expected.Outcomes) == File.ReadAllText(actual.Outcomes);
    }

    private static IEnumerable<(int Step, double Loss, double Norm, string Ledger)> Steps(SmallExperiment experiment) =>
        experiment.Metrics().Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private static byte[] FinalWeights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(SmallExperiment.Steps), "weights.safetensors"));

    private static RunFolder? RunFolder(SmallExperiment experiment)
    {
        var runs = Path.Combine(experiment.Folder, "runs");
        return Directory.Exists(runs) && Directory.GetDirectories(runs) is [var only] ? new ExperimentFolder(only).Run("early") : null;
    }

    private static int StepsOf(SmallExperiment experiment) =>
        RunFolder(experiment) is { } run && File.Exists(run.Metrics) ? File.ReadLines(run.Metrics).Count() : 0;

    private static bool IsWriting(SmallExperiment experiment) =>
        RunFolder(experiment) is { } run && Directory.Exists(run.Checkpoints) && Directory.GetDirectories(run.Checkpoints, ".tmp-*").Length > 0;

    /// <summary>Looks without pause: a checkpoint of this size is written in milliseconds.</summary>
    private static Task Until(Func<bool> holds) => Task.Run(() =>
    {
        var since = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(2))
                throw new TimeoutException("The moment to kill at did not come within 2 minutes.");
            Thread.Sleep(0);
        }
    });
}
