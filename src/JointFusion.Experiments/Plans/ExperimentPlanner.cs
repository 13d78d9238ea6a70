using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Resolves one run's spec on its data: every derived value, its hashes and its cost. Pure.</summary>
public static class ExperimentPlanner
{
    /// <param name="run">Valid, without a sweep: see <see cref="SpecLoader"/> and <see cref="SweepExpander"/>.</param>
    /// <param name="cores">Of the machine that the workers share.</param>
    /// <param name="backbone">Of the spec's folder; null if it names none.</param>
    public static PlanResult Plan(ExperimentSpec run, string runName, DataSummary data, int cores, BackboneSummary? backbone = null)
    {
        if (run.Sweep is not null)
            throw new ArgumentException("A spec with a sweep is many runs; expand it first.", nameof(run));
        if (run.Retriever.Backbone is null != backbone is null)
            throw new ArgumentException("A spec with a backbone is planned with its summary, another without.", nameof(backbone));

        ImmutableArray<PlanFault> faults =
        [
            .. Faults(run, runName, data, backbone),
            .. (backbone?.Faults ?? []).Select(fault => new PlanFault(runName, fault.KeyPath, fault.Message)),
        ];
        return faults.IsEmpty ? PlanResult.Valid(Resolve(run, runName, data, cores, backbone)) : PlanResult.Invalid(faults);
    }

    private static IEnumerable<PlanFault> Faults(ExperimentSpec run, string runName, DataSummary data, BackboneSummary? backbone)
    {
        for (var i = 0; i < run.Stages.Length; i++)
            foreach (var task in run.Stages[i].Tasks)
                if (data.TrainQueries.GetValueOrDefault(task) == 0)
                    yield return new(runName, $"stages[{i}].tasks", $"the data set has no training query of task {task}; it has those of {Trained(data)}");

        for (var i = 0; i < run.Stages.Length; i++)
            if (run.Stages[i].SubBatch is { } rows)
                foreach (var task in run.Stages[i].Tasks)
                    if (data.TrainQueries.GetValueOrDefault(task) is > 0 and var has && has < rows)
                        yield return new(runName, $"stages[{i}].sub_batch", $"{rows} rows of one task, but the data set has {has} training queries of task {task}");

        for (var i = 0; i < run.Stages.Length; i++)
            if (run.Stages[i].HardNegatives > 0 && run.Stages[i].Tasks.All(task => data.HardNegatives.GetValueOrDefault(task) == 0))
                yield return new(runName, $"stages[{i}].hard_negatives", $"it has no effect: no training query of {Tasks(run.Stages[i])} has a neg_cand_list; leave the key out");

        var parameters = Trainable(run, Shape(run, data, backbone), Adapters(run), backbone?.Config.Tensors() ?? []);
        for (var i = 0; i < run.Stages.Length; i++)
            foreach (var (key, message) in ParameterGroups.Faults(run.Stages[i], parameters[i]))
                yield return new(runName, $"stages[{i}].{key}", message);

        var width = Shape(run, data, backbone).EmbeddingWidth;
        for (var i = 0; i < run.Stages.Length; i++)
            for (var j = 0; j < (run.Stages[i].Matryoshka?.Length ?? 0); j++)
                if (run.Stages[i].Matryoshka!.Value[j] is var dimensions && dimensions >= width)
                    yield return new(runName, $"stages[{i}].matryoshka[{j}]", $"{dimensions} is not allowed; below {width}, the whole embedding, which is always trained");

        foreach (var split in run.Evaluation.Splits.Except(data.Splits))
            yield return new(runName, "evaluation.splits", $"the data set has no split '{split}'; it has {(data.Splits.IsEmpty ? "none" : string.Join(", ", data.Splits))}");
    }

    private static string Trained(DataSummary data) => string.Join(", ", data.TrainQueries.Where(task => task.Value > 0).Select(task => task.Key));

    private static int ImageSize(ExperimentSpec run) => run.Data.ImageSize ?? DataSpec.DefaultImageSize;

    private static RetrieverShape Shape(ExperimentSpec run, DataSummary data, BackboneSummary? backbone) =>
        backbone is null ? RetrieverShapes.For(run.Retriever, ImageSize(run), data.VocabularySize) : RetrieverShapes.For(run.Retriever, backbone);

    private static string Tasks(StageSpec stage) => $"{(stage.Tasks.Length == 1 ? "task" : "tasks")} {string.Join(", ", stage.Tasks)}";

    private static RunPlan Resolve(ExperimentSpec run, string runName, DataSummary data, int cores, BackboneSummary? backbone)
    {
        var shape = Shape(run, data, backbone);
        var adapters = Adapters(run);
        var parameters = Trainable(run, shape, adapters, backbone?.Config.Tensors() ?? []);
        var trainable = parameters.Select(Scalars).Max();
        var resources = new ResourcePlan(
            run.Resources.Workers.Max, Math.Max(1, cores / run.Resources.Workers.Max), run.Resources.Device, run.Resources.ChunkSize, run.Resources.Transport,
            run.Resources.ShardOptimizer, run.Resources.Priority, run.Resources.Labels, run.Resources.Recompute, run.Resources.Workers.IsElastic ? run.Resources.Workers.Min : null);
        var hashes = PlanHashes.Of(run, data, shape, resources, backbone?.ContentHash);
        return new RunPlan
        {
            Experiment = run.Name,
            Run = runName,
            Seed = run.Seed,
            Data = new(run.Data.Source, data.Root, data.ManifestHash, backbone is null ? ImageSize(run) : 0, shape.VocabularySize, data.TrainQueries),
            Retriever = Retriever(run, shape, backbone, trainable, KeepsVision(shape, run.Stages[0], parameters[0])),
            Stages = Stages(run.Stages, shape, hashes.Lineage, adapters, parameters),
            Evaluation = run.Evaluation,
            Checkpoints = run.Checkpoints,
            Health = run.Health,
            Resources = resources,
            Estimates = Estimates(run, shape, parameters),
            ScienceHash = hashes.Science,
            PlanHash = hashes.Plan,
        };
    }

    /// <summary>By stage: its own, or those of the stage before.</summary>
    private static ImmutableArray<LowRankAdapters?> Adapters(ExperimentSpec run)
    {
        var adapters = ImmutableArray.CreateBuilder<LowRankAdapters?>(run.Stages.Length);
        foreach (var stage in run.Stages)
            adapters.Add(stage.Lora ?? (adapters.Count == 0 ? run.Retriever.Lora : adapters[^1]));
        return adapters.DrainToImmutable();
    }

    private static BackbonePlan? Backbone(ExperimentSpec run, RetrieverShape shape, BackboneSummary? backbone)
    {
        if (backbone is null)
            return null;
        var retriever = run.Retriever;
        var trains = retriever.Precision == Precision.Bf16 && !IsFrozen(run);
        var plan = new BackbonePlan(backbone.Folder, backbone.ContentHash, Lora: retriever.Lora, ImageMode: retriever.ImageMode, TrainsWeights: trains);
        return shape.Backbone!.IsDual ? plan : plan with
        {
            Pooling = retriever.Pooling ?? Pooling.Last,
            PoolingToken = retriever.PoolingToken,
            Prompt = retriever.Prompt,
            Causal = retriever.Attention is { } attention ? attention == AttentionKind.Causal : shape.Backbone.IsCausal,
            MaxPixels = retriever.MaxPixels,
        };
    }

    private static bool HasLogitBias(ExperimentSpec run) => run.Stages.Any(stage => stage.Loss == Loss.Sigmoid);

    /// <summary>What rules may be about, by stage.</summary>
    private static List<ParameterShape[]> Trainable(
        ExperimentSpec run, RetrieverShape shape, ImmutableArray<LowRankAdapters?> adapters, IReadOnlyList<BackboneTensor> tensors)
    {
        var ofStages = new List<ParameterShape[]>();
        foreach (var own in adapters)
        {
            var all = shape.Backbone is null ? RetrieverParameters.Of(shape, HasLogitBias(run)) : RetrieverParameters.Of(shape, HasLogitBias(run), own, tensors);
            ofStages.Add([.. all.Where(parameter => !run.Retriever.TemperatureFixed || parameter.Name != RetrieverParameters.Temperature)]);
        }
        return ofStages;
    }

    private static long Scalars(ParameterShape[] parameters)
    {
        var scalars = 0L;
        foreach (var parameter in parameters)
            scalars += parameter.Count;
        return scalars;
    }

    private static RetrieverPlan Retriever(ExperimentSpec run, RetrieverShape shape, BackboneSummary? backbone, long trainable, bool keepsVision)
    {
        double? bias = HasLogitBias(run) ? run.Retriever.LogitBias ?? RetrieverSpec.DefaultLogitBias : null;
        return new(
            run.Retriever.Preset,
            run.Retriever.Fusion.HasOneTower() || backbone is not null ? null : run.Retriever.Matching ?? Matching.Parameters,
            run.Retriever.Temperature,
            run.Retriever.MinimumTemperature,
            backbone is null ? new PixelScale(run.Data.ImageMean ?? DataSpec.DefaultPixel, run.Data.ImageStd ?? DataSpec.DefaultPixel) : PixelScale.Unit,
            shape,
            shape.Parameters() + (bias is null ? 0 : 1),
            shape.FlopsPerPair(keepsWeights: IsFrozen(run), keepsVision: keepsVision),
            run.Retriever.TemperatureFixed,
            bias,
            run.Retriever.Precision,
            Backbone(run, shape, backbone),
            backbone is null ? null : trainable);
    }

    /// <summary>Whether the weights of a backbone are kept: adapters begin with the first stage or never.</summary>
    private static bool IsFrozen(ExperimentSpec run) => (run.Stages[0].Lora ?? run.Retriever.Lora) is not null;

    /// <summary>Whether a stage trains nothing of the tower of pictures of a published model, in each of which it is named so.</summary>
    private static bool KeepsVision(RetrieverShape shape, StageSpec stage, ParameterShape[] parameters)
    {
        return shape.Backbone?.Vision is not null
            && !ParameterGroups.Of(stage, parameters).Zip(parameters).Any(pair => !pair.First.Frozen && IsOfTower(pair.Second.Name));

        // Not what lies behind it: CLIP's visual_projection, Qwen2-VL's visual.merger.
        static bool IsOfTower(string name) => name.Contains("vision_", StringComparison.Ordinal)
            || (name.Contains("visual.", StringComparison.Ordinal) && !name.Contains("visual.merger.", StringComparison.Ordinal));
    }

    private static ImmutableArray<StagePlan> Stages(
        ImmutableArray<StageSpec> stages, RetrieverShape shape, ImmutableArray<string> lineage, ImmutableArray<LowRankAdapters?> adapters,
        List<ParameterShape[]> parameters)
    {
        var firstStep = 1;
        var plans = ImmutableArray.CreateBuilder<StagePlan>(stages.Length);
        for (var i = 0; i < stages.Length; i++)
        {
            plans.Add(new StagePlan(
                i, firstStep, stages[i], lineage[i], ParameterGroupPlan.Of(stages[i], parameters[i]), adapters[i], i > 0 && stages[i].Lora is not null,
                KeepsVision(shape, stages[i], parameters[i])));
            firstStep += stages[i].Steps;
        }

        return plans.DrainToImmutable();
    }

    private static PlanEstimates Estimates(ExperimentSpec run, RetrieverShape shape, List<ParameterShape[]> parameters)
    {
        var (bytes, flops) = (0L, 0.0);
        for (var i = 0; i < run.Stages.Length; i++)
        {
            var stage = run.Stages[i];
            bytes = Math.Max(bytes, KeptBytes(i) + StateBytes(Held(i), Frozen(i), run.Resources) + StepBytes(shape, stage, run.Resources, Kept(i)));
            flops += (double)stage.Steps * stage.GlobalBatch * shape.FlopsPerPair(stage.NegativesAQuery(), IsFrozen(run), KeepsVision(shape, stage, parameters[i])) * Passes(stage, run.Resources);
        }
        return new(bytes, flops);

        KeptActivations Kept(int stage) => new(
            run.Resources.Recompute, Scores: run.Resources.Device == Device.Cpu, run.Retriever.Precision == Precision.Bf16 ? sizeof(float) / 2 : sizeof(float),
            !KeepsVision(shape, run.Stages[stage], parameters[stage]));

        long Held(int stage) => shape.Backbone is null ? shape.Parameters() : Scalars(parameters[stage]);

        // Of a backbone, in its own type: all of it beside adapters, else what no gradient of this retriever reaches.
        long KeptBytes(int stage) => (shape.Backbone is not { } backbone ? 0 : IsFrozen(run) ? backbone.Parameters : shape.Parameters() - Held(stage))
            * (run.Retriever.Precision == Precision.Bf16 && IsFrozen(run) ? sizeof(float) / 2 : sizeof(float));

        long Frozen(int stage) => ParameterGroupPlan.Of(run.Stages[stage], parameters[stage])?.Where(group => group.Frozen).Sum(group => group.Scalars) ?? 0;
    }

    /// <summary>Weights, and of what is not frozen gradients and AdamW's two moments, of all parameters or of the worker's own.</summary>
    private static long StateBytes(long parameters, long frozen, ResourceSpec resources)
    {
        var trained = parameters - frozen;
        var updated = resources.ShardOptimizer ? (trained + resources.Workers.Min - 1) / resources.Workers.Min : trained;
        return (parameters + trained + (2 * updated)) * sizeof(float);
    }

    /// <summary>What one worker's share of a step holds at most, each item with a picture and a text of full length.</summary>
    private static long StepBytes(RetrieverShape shape, StageSpec stage, ResourceSpec resources, KeptActivations kept)
    {
        var items = stage.ItemsAWorker(resources.Workers.Min);
        var atOnce = Math.Min(items, resources.ChunkSize ?? items);
        var candidates = stage.GlobalBatch * (1L + stage.NegativesAQuery());
        // A worker's own embeddings and everyone's candidates, each with its gradient.
        var embeddings = 2 * (items + candidates) * shape.EmbeddingWidth * sizeof(float);
        return (atOnce * shape.ActivationBytes(shape.PatchesPerImage, shape.MaxTextTokens, kept)) + embeddings;
    }

    /// <summary>Work of a step over that of one forward and one backward pass; backward is worth two forward, and chunks are encoded twice.</summary>
    private static double Passes(StageSpec stage, ResourceSpec resources) =>
        resources.ChunkSize < stage.ItemsAWorker(resources.Workers.Max) ? 4.0 / 3 : 1;
}
