using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Resolves one run's spec on its data: every derived value, its hashes and its cost. Pure.</summary>
public static class ExperimentPlanner
{
    /// <param name="run">Valid, without a sweep: see <see cref="SpecLoader"/> and <see cref="SweepExpander"/>.</param>
    /// <param name="cores">Of the machine that the workers share.</param>
    public static PlanResult Plan(ExperimentSpec run, string runName, DataSummary data, int cores)
    {
        if (run.Sweep is not null)
            throw new ArgumentException("A spec with a sweep is many runs; expand it first.", nameof(run));

        ImmutableArray<PlanFault> faults = [.. Faults(run, runName, data)];
        return faults.IsEmpty ? PlanResult.Valid(Resolve(run, runName, data, cores)) : PlanResult.Invalid(faults);
    }

    private static IEnumerable<PlanFault> Faults(ExperimentSpec run, string runName, DataSummary data)
    {
        var trained = string.Join(", ", data.TrainQueries.Where(task => task.Value > 0).Select(task => task.Key));
        for (var i = 0; i < run.Stages.Length; i++)
            foreach (var task in run.Stages[i].Tasks.Where(task => data.TrainQueries.GetValueOrDefault(task) == 0))
                yield return new(runName, $"stages[{i}].tasks", $"the data set has no training query of task {task}; it has those of {trained}");

        for (var i = 0; i < run.Stages.Length; i++)
            if (run.Stages[i].SubBatch is { } rows)
                foreach (var task in run.Stages[i].Tasks.Where(task => data.TrainQueries.GetValueOrDefault(task) is > 0 and var has && has < rows))
                    yield return new(runName, $"stages[{i}].sub_batch", $"{rows} rows of one task, but the data set has {data.TrainQueries[task]} training queries of task {task}");

        for (var i = 0; i < run.Stages.Length; i++)
            if (run.Stages[i].HardNegatives > 0 && run.Stages[i].Tasks.All(task => data.HardNegatives.GetValueOrDefault(task) == 0))
                yield return new(runName, $"stages[{i}].hard_negatives", $"it has no effect: no training query of {Tasks(run.Stages[i])} has a neg_cand_list; leave the key out");

        var parameters = Trainable(run, RetrieverShapes.For(run.Retriever, run.Data.ImageSize, data.VocabularySize));
        for (var i = 0; i < run.Stages.Length; i++)
            foreach (var (key, message) in ParameterGroups.Faults(run.Stages[i], parameters))
                yield return new(runName, $"stages[{i}].{key}", message);

        foreach (var split in run.Evaluation.Splits.Except(data.Splits))
            yield return new(runName, "evaluation.splits", $"the data set has no split '{split}'; it has {string.Join(", ", data.Splits)}");
    }

    private static string Tasks(StageSpec stage) => $"{(stage.Tasks.Length == 1 ? "task" : "tasks")} {string.Join(", ", stage.Tasks)}";

    private static RunPlan Resolve(ExperimentSpec run, string runName, DataSummary data, int cores)
    {
        var shape = RetrieverShapes.For(run.Retriever, run.Data.ImageSize, data.VocabularySize);
        var resources = new ResourcePlan(
            run.Resources.Workers.Max, Math.Max(1, cores / run.Resources.Workers.Max), run.Resources.Device, run.Resources.ChunkSize, run.Resources.Transport,
            run.Resources.ShardOptimizer, run.Resources.Priority, run.Resources.Labels, run.Resources.Workers.IsElastic ? run.Resources.Workers.Min : null);
        var hashes = PlanHashes.Of(run, data, shape, resources);
        return new RunPlan
        {
            Experiment = run.Name,
            Run = runName,
            Seed = run.Seed,
            Data = new(run.Data.Source, data.Root, data.ManifestHash, run.Data.ImageSize, data.VocabularySize, data.TrainQueries),
            Retriever = Retriever(run, shape),
            Stages = Stages(run.Stages, hashes.Lineage, Trainable(run, shape)),
            Evaluation = run.Evaluation,
            Checkpoints = run.Checkpoints,
            Health = run.Health,
            Resources = resources,
            Estimates = Estimates(run, shape),
            ScienceHash = hashes.Science,
            PlanHash = hashes.Plan,
        };
    }

    private static bool HasLogitBias(ExperimentSpec run) => run.Stages.Any(stage => stage.Loss == Loss.Sigmoid);

    /// <summary>What rules may be about.</summary>
    private static ImmutableArray<ParameterShape> Trainable(ExperimentSpec run, RetrieverShape shape)
    {
        var all = RetrieverParameters.Of(shape, HasLogitBias(run));
        return run.Retriever.TemperatureFixed ? [.. all.Where(parameter => parameter.Name != RetrieverParameters.Temperature)] : all;
    }

    private static RetrieverPlan Retriever(ExperimentSpec run, RetrieverShape shape)
    {
        double? bias = HasLogitBias(run) ? run.Retriever.LogitBias ?? RetrieverSpec.DefaultLogitBias : null;
        return new(
            run.Retriever.Preset,
            run.Retriever.Fusion == Fusion.Early ? null : run.Retriever.Matching ?? Matching.Parameters,
            run.Retriever.Temperature,
            run.Retriever.MinimumTemperature,
            new PixelScale(run.Data.ImageMean, run.Data.ImageStd),
            shape,
            shape.Parameters() + (bias is null ? 0 : 1),
            shape.FlopsPerPair(),
            run.Retriever.TemperatureFixed,
            bias,
            run.Retriever.Precision);
    }

    private static ImmutableArray<StagePlan> Stages(ImmutableArray<StageSpec> stages, ImmutableArray<string> lineage, ImmutableArray<ParameterShape> parameters)
    {
        var firstStep = 1;
        var plans = ImmutableArray.CreateBuilder<StagePlan>(stages.Length);
        for (var i = 0; i < stages.Length; i++)
        {
            plans.Add(new StagePlan(i, firstStep, stages[i], lineage[i], ParameterGroupPlan.Of(stages[i], parameters)));
            firstStep += stages[i].Steps;
        }

        return plans.DrainToImmutable();
    }

    private static PlanEstimates Estimates(ExperimentSpec run, RetrieverShape shape)
    {
        var parameters = Trainable(run, shape);
        return new(
            run.Stages.Max(stage => StateBytes(shape.Parameters(), Frozen(stage), run.Resources) + StepBytes(shape, stage, run.Resources)),
            run.Stages.Sum(stage => (double)stage.Steps * stage.GlobalBatch * shape.FlopsPerPair(stage.NegativesAQuery()) * Passes(stage, run.Resources)));

        long Frozen(StageSpec stage) => ParameterGroupPlan.Of(stage, parameters)?.Where(group => group.Frozen).Sum(group => group.Scalars) ?? 0;
    }

    /// <summary>Weights, and of what is not frozen gradients and AdamW's two moments, of all parameters or of the worker's own.</summary>
    private static long StateBytes(long parameters, long frozen, ResourceSpec resources)
    {
        var trained = parameters - frozen;
        var updated = resources.ShardOptimizer ? (trained + resources.Workers.Min - 1) / resources.Workers.Min : trained;
        return (parameters + trained + (2 * updated)) * sizeof(float);
    }

    /// <summary>What one worker's share of a step holds at most, each item with a picture and a text of full length.</summary>
    private static long StepBytes(RetrieverShape shape, StageSpec stage, ResourceSpec resources)
    {
        var items = stage.ItemsAWorker(resources.Workers.Min);
        var atOnce = Math.Min(items, resources.ChunkSize ?? items);
        var candidates = stage.GlobalBatch * (1L + stage.NegativesAQuery());
        // A worker's own embeddings and everyone's candidates, each with its gradient.
        var embeddings = 2 * (items + candidates) * shape.EmbeddingWidth * sizeof(float);
        return (atOnce * shape.ActivationBytes(shape.PatchesPerImage, shape.MaxTextTokens)) + embeddings;
    }

    /// <summary>Work of a step over that of one forward and one backward pass; backward is worth two forward, and chunks are encoded twice.</summary>
    private static double Passes(StageSpec stage, ResourceSpec resources) =>
        resources.ChunkSize < stage.ItemsAWorker(resources.Workers.Max) ? 4.0 / 3 : 1;
}
