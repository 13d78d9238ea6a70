using System.Diagnostics;
using JointFusion.Experiments;

namespace JointFusion.EndToEnd.Tests;

/// <summary>What a kill aims at; where in it, chance decides.</summary>
public enum Aim { Start, GradientCheck, DataLoading, Adaptation, Mining, Instruction, CheckpointWrite, Evaluation }

/// <summary>Waits for the moment to kill a run at.</summary>
public sealed class KillMoments(SmallExperiment experiment, LiveStatus live, Random random)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public RunFolder? Run
    {
        get
        {
            var runs = Path.Combine(experiment.Folder, "runs");
            return Directory.Exists(runs) && Directory.GetDirectories(runs) is [var only] ? new ExperimentFolder(only).Run("early") : null;
        }
    }

    public int Steps => Run is { } run && File.Exists(run.Metrics) ? File.ReadLines(run.Metrics).Count() : 0;

    public bool IsWritingCheckpoint =>
        Run is { } run && Directory.Exists(run.Checkpoints) && Directory.GetDirectories(run.Checkpoints, ".tmp-*").Length > 0;

    private bool IsMining => Steps == SmallExperiment.LastOfAdaptation && Run is { } run && !File.Exists(run.MinedNegatives("instruction"));

    public Task Come(Aim aim) => aim switch
    {
        Aim.Start => Soon(() => Run is { } run && Directory.Exists(run.Path), within: 3000),
        Aim.GradientCheck => SoonDoing("checking gradients", within: 600),
        Aim.DataLoading => SoonDoing("loading data", within: 100),
        Aim.Adaptation => Taken(random.Next(1, SmallExperiment.LastOfAdaptation)),
        Aim.Mining => Soon(() => IsMining, within: 100),
        Aim.Instruction => Taken(random.Next(SmallExperiment.LastOfAdaptation, SmallExperiment.Steps - 2)),
        Aim.CheckpointWrite => Written(after: random.Next(1, SmallExperiment.Steps - 10)),
        Aim.Evaluation => SoonDoing("evaluating", within: 200),
        _ => throw new ArgumentOutOfRangeException(nameof(aim), aim, "An aim without a moment."),
    };

    /// <summary>Looks without pause: a checkpoint of this size is written in milliseconds.</summary>
    public static Task Until(Func<bool> holds) => Task.Run(() =>
    {
        var since = Stopwatch.GetTimestamp();
        while (!holds())
        {
            ThrowIfLate(since);
            Thread.Sleep(0);
        }
    });

    private Task Taken(int step) => Until(() => Steps >= step);

    private Task Written(int after) => Until(() => Steps >= after && IsWritingCheckpoint);

    private async Task Soon(Func<bool> begun, int within)
    {
        await Until(begun);
        await Task.Delay(random.Next(within));
    }

    private async Task SoonDoing(string phase, int within)
    {
        var since = Stopwatch.GetTimestamp();
        while (!(await live.DoingAsync()).StartsWith(phase, StringComparison.Ordinal))
            ThrowIfLate(since);
        await Task.Delay(random.Next(within));
    }

    private static void ThrowIfLate(long since)
    {
        if (Stopwatch.GetElapsedTime(since) > Limit)
            throw new TimeoutException($"The moment to kill at did not come within {Limit.TotalMinutes} minutes.");
    }
}
