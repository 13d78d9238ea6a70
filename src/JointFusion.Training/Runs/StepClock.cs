using System.Diagnostics;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Where a step's time goes: one phase runs at a time, each adds up.</summary>
/// <param name="watch">Told of every phase; null: nobody is.</param>
public sealed class StepClock(RunWatch? watch = null)
{
    private readonly double[] seconds = new double[Enum.GetValues<StepPhase>().Length];
    private StepPhase phase;
    private long since = Stopwatch.GetTimestamp();

    /// <summary>Ends the phase that runs and starts this one.</summary>
    public void Start(StepPhase next)
    {
        var now = Stopwatch.GetTimestamp();
        seconds[(int)phase] += Stopwatch.GetElapsedTime(since, now).TotalSeconds;
        (phase, since) = (next, now);
        watch?.Enter(next);
    }

    /// <summary>Which step the phases that follow are of.</summary>
    public void TakeUp(int step) => watch?.TakeUp(step);

    /// <summary>The step's seconds so far; everything starts again at zero.</summary>
    public StepSeconds Take()
    {
        Start(StepPhase.Other);
        double Of(StepPhase of) => seconds[(int)of];
        var taken = new StepSeconds(seconds.Sum(), Of(StepPhase.Data), Of(StepPhase.Forward), Of(StepPhase.Backward),
            Of(StepPhase.Exchange), Of(StepPhase.Optimizer), Of(StepPhase.Checkpoint));
        Array.Clear(seconds);
        return taken;
    }
}

public enum StepPhase { Other, Data, Forward, Backward, Exchange, Optimizer, Checkpoint }
