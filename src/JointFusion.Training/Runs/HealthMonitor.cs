using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Tells a stage that goes wrong from its figures, which are the same on every rank: so is what it says.</summary>
/// <remarks>
/// collapse    the spread of the embeddings stays below health.collapse_below, once the warm-up is over
/// divergence  the smoothed loss has given back more than half of what the stage had gained, and stays there; or, where nothing was
///             gained yet, stays above one and a half times its start
/// "Stays" is health.patience steps in a row. A stage begins with a fresh one, and so does a fork; within it, its state is part of the checkpoint.
/// </remarks>
public sealed class HealthMonitor
{
    private const double Memory = 10;
    private const double GainThatCounts = 0.1;
    private static readonly double Keep = Math.Exp(-1 / Memory);

    /// <summary>Of the average once it holds <see cref="Memory"/> steps, and a little less, since it is a sum.</summary>
    private static readonly double SettledWeight = (1 - Math.Pow(Keep, Memory - 0.5)) / (1 - Keep);

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
    /// <returns>All that stands for health.patience steps or more.</returns>
    public ImmutableArray<HealthAlarm> Observe(HealthSpec spec, StageSpec stage, int stageStep, BatchLoss loss)
    {
        (sum, weight) = ((sum * Keep) + loss.Loss, (weight * Keep) + 1);
        var smoothed = sum / weight;
        if (weight > SettledWeight)
        {
            start = double.IsNaN(start) ? smoothed : start;
            best = Math.Min(best, smoothed);
        }
        collapsedFor = stageStep > stage.WarmupSteps && loss.Spread < spec.CollapseBelow ? collapsedFor + 1 : 0;
        divergedFor = IsDiverging(smoothed) ? divergedFor + 1 : 0;
        return [.. Standing(spec, loss.Spread, smoothed)];
    }

    private IEnumerable<HealthAlarm> Standing(HealthSpec spec, double spread, double smoothed)
    {
        if (collapsedFor >= spec.Patience)
        {
            yield return new(HealthFault.Collapse, collapsedFor == spec.Patience, Text(
                $"the embeddings have collapsed: their spread, 1 - |mean|^2, is {spread:0.######} and has been below {spec.CollapseBelow} for {collapsedFor} steps"));
        }
        if (divergedFor >= spec.Patience)
        {
            yield return new(HealthFault.Divergence, divergedFor == spec.Patience, Text(
                $"the loss diverges: its average over {Memory} steps is {smoothed:0.####}, from {start:0.####} at the stage's start and {best:0.####} at best, for {divergedFor} steps"));
        }
    }

    private bool IsDiverging(double smoothed)
    {
        var gain = start - best;
        return gain > GainThatCounts * Math.Abs(start) ? smoothed > best + (gain / 2) : smoothed > start + (Math.Abs(start) / 2);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="IsNew">It has come to stand with this step.</param>
/// <param name="Message">Without the step.</param>
public sealed record HealthAlarm(HealthFault Fault, bool IsNew, string Message);

/// <summary>A stage goes wrong in a way that its spec asks to be stopped for. Never retried: the same steps would give the same.</summary>
public sealed class UnhealthyException(string message) : Exception(message);
