using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Computes a drill's verdict from what the run has left behind, beside what an undisturbed run of the same plan has. Pure.</summary>
internal static class DrillJudge
{
    public static DrillVerdict Judge(string drill, DrillStrike strike, DrillLimits limits, DrillEvidence run, DrillEvidence undisturbed)
    {
        var away = TrainingAway(run, strike.At);
        return new DrillVerdict(
            drill, strike.What, null,
            run.Journal.OfType<AttemptStarted>().Count(),
            StepsRepeated(run),
            [.. LostIn(run), .. Differences(run, undisturbed)],
            away?.TotalSeconds, strike.Back?.What, strike.Back?.Took.TotalSeconds,
            [.. Late("training", away, limits.Training), .. Late(strike.Back?.What ?? "", strike.Back?.Took, limits.Back)]);
    }

    /// <summary>What an undisturbed run has to be before others are held against it.</summary>
    public static ImmutableArray<string> LostIn(DrillEvidence run)
    {
        var lost = ImmutableArray.CreateBuilder<string>();
        if (run.Journal.OfType<RunSucceeded>().Count() != 1)
            lost.Add(string.Create(CultureInfo.InvariantCulture, $"the run succeeded {run.Journal.OfType<RunSucceeded>().Count()} times"));
        var missing = Enumerable.Range(1, run.TotalSteps).Except(run.Steps.Select(step => step.Step)).ToList();
        if (missing.Count > 0)
            lost.Add(string.Create(CultureInfo.InvariantCulture, $"{missing.Count} steps are not in the ledger, the first is {missing[0]}"));
        if (run.Steps.Length > run.TotalSteps - missing.Count)
            lost.Add("steps are in the ledger twice");
        lost.AddRange(Overlaps(run));
        if (run.Weights is null)
            lost.Add("the last step's checkpoint is not there");
        if (run.Outcomes is null)
            lost.Add("the evaluation's outcomes are not there");
        return lost.ToImmutable();
    }

    /// <summary>Attempts follow one another: none begins before the one before is over, and none writes after the next.</summary>
    private static IEnumerable<string> Overlaps(DrillEvidence run)
    {
        AttemptStarted? live = null;
        foreach (var happened in run.Journal)
        {
            if (happened is AttemptStarted started)
            {
                if (live is not null)
                    yield return string.Create(CultureInfo.InvariantCulture, $"attempt {started.Generation} began while attempt {live.Generation} was not over");
                live = started;
            }
            else if (happened is AttemptFailed or RunStopped or RunSucceeded or RunFailed)
            {
                live = null;
            }
        }
        var last = 0;
        foreach (var step in run.Steps)
        {
            if (step.Generation < last)
                yield return string.Create(CultureInfo.InvariantCulture, $"step {step.Step} was written by attempt {step.Generation} after attempt {last}");
            last = step.Generation;
        }
    }

    private static IEnumerable<string> Differences(DrillEvidence run, DrillEvidence undisturbed)
    {
        if (run.PlanHash != undisturbed.PlanHash)
            yield return $"the plan hash is {run.PlanHash}, the undisturbed run's {undisturbed.PlanHash}";
        var apart = run.Steps.Zip(undisturbed.Steps, (ours, theirs) => (Ours: ours, Theirs: theirs)).FirstOrDefault(pair => Bits(pair.Ours) != Bits(pair.Theirs));
        if (apart.Ours is not null)
            yield return string.Create(CultureInfo.InvariantCulture, $"step {apart.Theirs.Step} is {Bits(apart.Ours)}, undisturbed {Bits(apart.Theirs)}");
        if (run.Weights is not null && run.Weights != undisturbed.Weights)
            yield return $"the weights' hash is {run.Weights}, the undisturbed run's {undisturbed.Weights}";
        if (run.Outcomes is not null && run.Outcomes != undisturbed.Outcomes)
            yield return "the evaluation's outcomes are other ones";
    }

    private static (int Step, string Ledger, double Loss, double Norm) Bits(StepMetrics step) => (step.Step, step.Ledger, step.Loss, step.GradientNorm);

    /// <summary>How far each attempt's successor went back behind the furthest step before it.</summary>
    private static int StepsRepeated(DrillEvidence run)
    {
        var (repeated, furthest) = (0, 0);
        foreach (var happened in run.Journal)
        {
            if (happened is AttemptFailed failed)
                furthest = failed.FurthestStep;
            else if (happened is AttemptStarted started)
                repeated += Math.Max(0, furthest - BeganAfter(run, started));
        }
        return repeated;
    }

    /// <summary>By its first step in the ledger: a torn checkpoint sends it further back than the journal has it.</summary>
    private static int BeganAfter(DrillEvidence run, AttemptStarted started) =>
        run.Steps.FirstOrDefault(step => step.Generation == started.Generation)?.Step - 1 ?? started.ResumeStep ?? 0;

    private static TimeSpan? TrainingAway(DrillEvidence run, DateTimeOffset fault)
    {
        if (run.Journal.OfType<AttemptStarted>().FirstOrDefault(started => started.At > fault) is { } next)
            return run.Steps.FirstOrDefault(step => step.Generation >= next.Generation)?.At - fault;
        return run.Steps.Zip(run.Steps.Skip(1), (before, after) => (Before: before.At, After: after.At))
            .Where(pair => pair.After > fault)
            .Select(pair => (TimeSpan?)(pair.After - pair.Before))
            .Max();
    }

    private static IEnumerable<string> Late(string what, TimeSpan? took, TimeSpan? limit)
    {
        if (took > limit)
            yield return string.Create(CultureInfo.InvariantCulture, $"{what}: {took.Value.TotalSeconds:0.0} s, {limit.Value.TotalSeconds:0} s are allowed");
    }
}
