using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>All that a run has measured, step by step and at its end, as series with names that every tracker takes.</summary>
internal sealed record RunSeries(RunPlan Plan, ImmutableArray<StepMetrics> Steps, ImmutableArray<ResultRow> Rows)
{
    /// <exception cref="BadInputException">It has no plan, or no step yet.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; names it.</exception>
    public static RunSeries Read(RunFolder folder)
    {
        var plan = PlanFile.Read(folder);
        var steps = ExperimentReader.ReadSteps(folder);
        if (steps.IsEmpty)
            throw new BadInputException($"{folder.Metrics}: no step yet. Wait for the run's first.");
        return new RunSeries(plan, steps, EvaluatedRun.Read(folder, plan.Run)?.Rows ?? []);
    }

    /// <summary>In the order of steps; the evaluation's at the last one: recall of whole queries over all targets, own picture left out where there is one.</summary>
    public IEnumerable<Scalar> Scalars() => Steps.SelectMany(Of).Concat(Rows.Where(IsHeadline).Select(row => new Scalar(Steps[^1].At, Steps[^1].Step, TagOf(row), row.Value)));

    private static IEnumerable<Scalar> Of(StepMetrics step)
    {
        IEnumerable<(string Tag, double? Value)> values =
        [
            ("loss", step.Loss), .. step.LossByTask.Select(task => (Text($"loss/task_{task.Key}"), (double?)task.Value)),
            ("accuracy", step.Accuracy), ("gradient_norm", step.GradientNorm), ("learning_rate", step.LearningRate), ("temperature", step.Temperature),
            ("logit_bias", step.LogitBias), ("margin", step.Margin), ("wrong_modality", step.WrongModality), ("query_spread", step.QuerySpread),
            ("candidate_spread", step.CandidateSpread), ("masked_negatives", step.MaskedNegatives), ("pairs_per_second", step.PairsPerSecond), ("mfu", step.Mfu),
            ("resident_bytes", step.ResidentBytes), ("seconds/total", step.Seconds.Total), ("seconds/data", step.Seconds.Data), ("seconds/forward", step.Seconds.Forward),
            ("seconds/backward", step.Seconds.Backward), ("seconds/exchange", step.Seconds.Exchange), ("seconds/optimizer", step.Seconds.Optimizer),
            ("seconds/checkpoint", step.Seconds.Checkpoint),
        ];
        return values.Where(pair => pair.Value is not null).Select(pair => new Scalar(step.At, step.Step, pair.Tag, pair.Value!.Value));
    }

    private bool IsHeadline(ResultRow row) => row is { Metric: "recall", Inputs: "query", Targets: "all" }
        && (!row.OwnImageInPool || !Rows.Any(other => !other.OwnImageInPool && (other.Split, other.Pool, other.Task) == (row.Split, row.Pool, row.Task)));

    private static string TagOf(ResultRow row) => Text($"evaluation/{row.Split}/{row.Pool.ToString().ToLowerInvariant()}/task_{row.Task}/{row.Operation}/recall_at_{row.K}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
