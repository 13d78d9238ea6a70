using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Tells a stage that goes wrong from its figures, which are the same on every rank: so is what it says.</summary>
/// <remarks>
/// collapse    the spread of the embeddings stays below health.collapse_below, once the warm-up is over
/// divergence  the smoothed loss has given back more than half of what the stage had gained, and stays there; or, where nothing was
///             gained yet, stays above one and a half times its start
/// "Stays" is health.patience steps in a row. A stage begins with a fresh one; within it, its state is part of the checkpoint.
/// </remarks>
public sealed class HealthMonitor
{
    /// <summary>Numbers of <see cref="State"/>.</summary>
    public const int StateSize = 6;

    private const double Memory = 10;
    private const double GainThatCounts = 0.1;
    private static readonly double Keep = Math.Exp(-1 / Memory);

    private double sum;
    private double weight;
    private double start = double.NaN;
    private double best = double.PositiveInfinity;
    private int collapsedFor;
    private int divergedFor;

    /// <summary>All that it remembers.</summary>
    public double[] State
    {
        get => [sum, weight, start, best, collapsedFor, divergedFor];
        set => (sum, weight, start, best, collapsedFor, divergedFor) = (value[0], value[1], value[2], value[3], (int)value[4], (int)value[5]);
    }

    /// <summary>Takes a step in.</summary>
    /// <param name="stageStep">From 1, of the stage.</param>
    /// <returns>What has just come to stand for health.patience steps; null: nothing new.</returns>
    public HealthAlarm? Observe(HealthSpec spec, StageSpec stage, int stageStep, BatchLoss loss)
    {
        (sum, weight) = ((sum * Keep) + loss.Loss, (weight * Keep) + 1);
        var smoothed = sum / weight;
        if (stageStep == (int)Memory)
            start = smoothed;
        if (stageStep >= Memory)
            best = Math.Min(best, smoothed);
        collapsedFor = stageStep > stage.WarmupSteps && loss.Spread < spec.CollapseBelow ? collapsedFor + 1 : 0;
        divergedFor = IsDiverging(smoothed) ? divergedFor + 1 : 0;
        if (collapsedFor == spec.Patience)
            return new HealthAlarm(HealthFault.Collapse, Text(
                $"the embeddings have collapsed: their spread, 1 - |mean|^2, is {loss.Spread:0.######} and has been below {spec.CollapseBelow} for {spec.Patience} steps"));
        return divergedFor == spec.Patience
            ? new HealthAlarm(HealthFault.Divergence, Text(
                $"the loss diverges: its average over {Memory} steps is {smoothed:0.####}, from {start:0.####} at the stage's start and {best:0.####} at best, for {spec.Patience} steps"))
            : null;
    }

    private bool IsDiverging(double smoothed)
    {
        var gain = start - best;
        return gain > GainThatCounts * Math.Abs(start) ? smoothed > best + (gain / 2) : smoothed > start + (Math.Abs(start) / 2);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Message">Without the step.</param>
public sealed record HealthAlarm(HealthFault Fault, string Message);

/// <summary>A stage goes wrong in a way that its spec asks to be stopped for. Never retried: the same steps would give the same.</summary>
public sealed class UnhealthyException(string message) : Exception(message);
