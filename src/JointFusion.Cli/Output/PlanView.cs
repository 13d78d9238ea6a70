using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace JointFusion.Cli;

/// <summary>A plan for people: the runs as a table, then what they have in common.</summary>
internal static class PlanView
{
    public static void Write(Listing list, PlannedExperiment experiment) => list.Write(experiment.Runs, "runs", shown => Parts(experiment, shown));

    /// <param name="shown">Runs that have a line of their own; what is said of all is said of all the same.</param>
    private static IEnumerable<IRenderable> Parts(PlannedExperiment experiment, IReadOnlyList<RunPlan> shown)
    {
        var runs = experiment.Runs;
        var labels = new RunLabels(runs);
        yield return Runs(shown, labels);
        if (experiment.Spec.Sweep is { } sweep && (labels.AreNumbers || sweep.Random is not null || !sweep.Zip.IsEmpty)) // A grid's runs are named after their values.
            yield return Swept([.. experiment.Swept.Take(shown.Count)], labels);
        if (labels.AreNumbers)
            yield return Names(shown, labels);
        yield return Stages(runs, labels);
        if (runs.Any(run => run.Stages.Any(stage => stage.Groups is not null)))
            yield return GroupsView.Of(runs, labels);
        yield return Conditions(runs, labels);
        foreach (var note in experiment.Notes)
            yield return new Text($"Note: {note}");
    }

    private static Table Runs(IReadOnlyList<RunPlan> runs, RunLabels labels)
    {
        var table = Table("Run", "Fusion", "Towers", "Parameters", "GFLOP a pair", "MiB a worker", "Steps", "Science", "Plan");
        foreach (var number in table.Columns.Skip(3).Take(4))
            number.RightAligned();
        table.Columns[0].NoWrap();
        foreach (var run in runs)
            table.AddRow(
                Cell(labels.Of(run.Run)),
                Cell(Fusion(run.Retriever)),
                Cell(Towers(run.Retriever.Shape)),
                Cell(run.Retriever.Trainable is { } trained ? $"{run.Retriever.Parameters:N0}, {trained:N0} trained" : $"{run.Retriever.Parameters:N0}"),
                Cell($"{run.Retriever.FlopsPerPair / 1e9:0.000}"),
                Cell($"{run.Estimates.WorkerMemoryBytes / (1024.0 * 1024):N0}"),
                Cell($"{run.TotalSteps:N0}"),
                Cell(run.ScienceHash),
                Cell(run.PlanHash));
        return table;
    }

    private static Table Swept(ImmutableArray<SweptRun> runs, RunLabels labels)
    {
        ImmutableArray<string> keys = [.. runs.SelectMany(run => run.Values.Keys).Distinct()];
        var table = Table(["Run", .. keys.Select(Markup.Escape)]);
        foreach (var run in runs)
            table.AddRow([Cell(labels.Of(run.Run)), .. keys.Select(key => Cell(run.Values.GetValueOrDefault(key, "-")))]);
        return table;
    }

    /// <summary>What each number's run is called in its folder, and in every other verb.</summary>
    private static Grid Names(IReadOnlyList<RunPlan> runs, RunLabels labels)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var run in runs)
            grid.AddRow(Cell($"Run {labels.Of(run.Run)}"), Cell(run.Run));
        return grid;
    }

    /// <summary>Each distinct stage once, with the runs that train it unless all do.</summary>
    private static Table Stages(ImmutableArray<RunPlan> runs, RunLabels labels)
    {
        var table = Table("Stage", "Tasks", "Instructions", "Steps", "Global batch", "Rate", "Runs");
        var stages = runs
            .SelectMany(run => run.Stages.Select(stage => new StageOf(run.Run, stage)))
            .GroupBy(stage => $"{stage.Plan.Index} {CanonicalJson.Of(stage.Plan.Spec)}") // Lists compare by content.
            .OrderBy(same => same.First().Plan.Index);
        foreach (var same in stages)
        {
            var stage = same.First().Plan.Spec;
            table.AddRow(
                Cell(stage.Name),
                Cell(string.Join(", ", stage.Tasks)),
                Cell(stage.Instructions ? "yes" : "no"),
                Cell($"{stage.Steps:N0}"),
                Cell(Batch(stage)),
                Cell(Rate(stage)),
                Cell(labels.Of([.. same.Select(one => one.Run)])));
        }

        return table;
    }

    private static string Batch(StageSpec stage) =>
        $"{stage.GlobalBatch:N0}"
        + (stage.SubBatch is { } rows ? $", {rows:N0} a task" : "")
        + string.Concat((stage.Weights ?? []).Select(weight => $", {Weighed(weight)}"))
        + (stage.NegativesWithin is { } block ? $", negatives within {block:N0} rows" : "")
        + (stage.HardNegatives > 0 ? $", {stage.HardNegatives:N0} hard negatives a query" : "")
        + (stage.MinedNegatives is { } mining ? $", {mining.PerQuery:N0} mined of the nearest {mining.FromTop:N0}" : "")
        + (stage.Loss == Loss.Sigmoid ? ", sigmoid loss" : "")
        + (stage.Symmetric ? ", symmetric" : "")
        + (stage.Matryoshka is { } widths ? $", matryoshka {string.Join(" ", widths)}" : "");

    private static string Weighed(QueryWeight weight) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(weight.Task is { } task ? $"task {task}" : "")}{(weight.Dataset is { } dataset ? $"{(weight.Task is null ? "" : " of ")}data set {dataset}" : "")} x{weight.Weight}");

    private static Grid Conditions(ImmutableArray<RunPlan> runs, RunLabels labels)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        if (runs.Any(run => run.Fork is not null))
            Each("Begins at", run => run.Fork is { } fork ? $"step {fork.Step:N0} of run {fork.Run}, science {fork.ScienceHash}, ledger {fork.Ledger}" : "its seed");
        Each("Seed", run => $"{run.Seed}");
        Each("Data", run => run.Retriever.Backbone is null ? $"{Name(run.Data.Source)}, {run.Data.ImageSize} pixels a side (mean {run.Retriever.Pixels.Mean}, std {run.Retriever.Pixels.Std}), {run.Data.VocabularySize:N0} tokens in the vocabulary, manifest {run.Data.ManifestHash}" : $"{Name(run.Data.Source)}, manifest {run.Data.ManifestHash}");
        if (runs.Any(run => run.Retriever.Backbone is not null))
            Each("Backbone", run => run.Retriever.Backbone is { } backbone ? Backbone(backbone, run.Retriever.Shape) : "none");
        if (runs.Any(run => run.Stages.Any(stage => stage.Adapters is not null)))
            Each("Adapters", run => string.Join("; ", run.Stages.Select(Adapters)));
        Each("Training queries", run => string.Join(", ", run.Data.TrainQueries.Select(task => $"task {task.Key}: {task.Value:N0}")));
        if (runs.Any(run => run.Retriever.Precision != Precision.Fp32))
            Each("Precision", run =>
                run.Retriever is { Precision: Precision.Bf16, Backbone: not null } ? "bf16 weights of the backbone, which are kept; fp32 adapters, loss and optimizer"
                : run.Retriever.Precision == Precision.Bf16 ? "bf16 products and attention; fp32 weights, norms, loss and optimizer" : "fp32");
        Each("Scores", run => Scores(run.Retriever));
        Each("Evaluation", run => $"splits {string.Join(", ", run.Evaluation.Splits)}; pools {string.Join(", ", run.Evaluation.Pools.Select(Name))}");
        Each("Checkpoints", run => $"every {run.Checkpoints.EverySteps:N0} steps and at each stage's end, the newest {run.Checkpoints.Keep} kept{Kept(run.Checkpoints)}");
        if (runs.Any(run => run.Checkpoints.Mirror is not null))
            Each("Mirror", run => run.Checkpoints.Mirror is { } mirror ? $"{mirror}, behind training" : "none");
        if (runs.Any(run => run.Shared is not null))
            Each("Trained once", run => run.Shared is { } shared ? $"through stage {run.StageOf(shared[^1].Step).Spec.Name}, by one for all of them" : "nothing");
        if (runs.Any(run => run.Sweep?.Asha is not null))
            Each("Rungs", run => Rungs(run.Sweep?.Asha));
        if (runs.Any(run => run.Sweep?.DeviceHours is not null))
            Each("Limit", run => string.Create(CultureInfo.InvariantCulture, $"{run.Sweep?.DeviceHours} device-hours for all runs together"));
        if (runs.Any(run => run.Health.StopOn.Length > 0))
            Each("Ends early on", run => string.Join(", ", run.Health.StopOn.Select(Name)));
        Each("Resources", run => Resources(run.Resources));
        return grid;

        void Each(string label, Func<RunPlan, string> describe)
        {
            foreach (var same in runs.GroupBy(describe))
            {
                var whose = same.Count() == runs.Length ? "" : $" ({(labels.AreNumbers ? "runs " : "")}{labels.Of([.. same.Select(run => run.Run)])})";
                grid.AddRow(Cell(label), Cell(same.Key + whose));
            }
        }
    }

    private static string Rungs(AshaPlan? asha) => asha is null or { Rungs.IsEmpty: true }
        ? "none"
        : $"at {(asha.Rungs.Length == 1 ? "step" : "steps")} {string.Join(", ", asha.Rungs.Select(rung => $"{rung:N0}"))}: of {asha.Reduction} that come there the one of best {Name(asha.Metric)} on val goes on";

    private static string Kept(CheckpointSpec spec) =>
        (spec.KeepBest > 0 ? $", each stage's {spec.KeepBest} of lowest loss" : "") + (spec.KeepEvery is { } steps ? $", each {steps:N0}th step's" : "");

    private static string Resources(ResourcePlan resources) =>
        $"{(resources.MinWorkers is { } fewest ? $"{fewest} to " : "")}{resources.Workers} {(resources.Workers == 1 ? "worker" : "workers")} on {Name(resources.Device)}, threads each: {resources.ThreadsPerWorker}"
        + (resources.Workers > 1 ? $", {Name(resources.Transport)} between them" : "")
        + (resources.ChunkSize is { } chunk ? $", {chunk:N0} items encoded at once" : "")
        + (resources.Recompute ? ", layers computed twice" : "")
        + (resources.ShardOptimizer ? ", the optimizer's state divided over them" : "")
        + (resources.Priority != 0 ? $", priority {resources.Priority}" : "")
        + (resources.Labels is { } labels ? $", on nodes with {string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"))}" : "");

    private static string Scores(RetrieverPlan retriever) =>
        $"divided by a temperature of {retriever.Temperature}, {(retriever.TemperatureFixed ? "fixed" : $"learnable, at least {retriever.MinimumTemperature}")}"
        + (retriever.LogitBias is { } bias ? $"; learnable logit bias from {bias}" : "");

    private static string Fusion(RetrieverPlan retriever) =>
        Name(retriever.Shape.Fusion)
        + (retriever.Shape.FusionLayer is > 0 and var layer ? $", the parts meet after {layer} of {retriever.Shape.Layers} blocks" : "")
        + (retriever.Shape.ModalityWeights == ModalityWeighting.Learned ? ", learned weights" : "")
        + (retriever.Shape.FeatureMixer != FeatureMixer.Transformer ? $" by {Name(retriever.Shape.FeatureMixer)}" : "")
        + (retriever.Shape.Pooling is { } pooling ? $", the state of the {(pooling == Pooling.Last ? "last position" : "summary")}" : "")
        + (retriever.Shape.Attention == AttentionKind.Causal ? ", causal attention" : "")
        + (retriever.Matching is { } matching ? $", equal {Name(matching)}" : "");

    private static string Backbone(BackbonePlan backbone, RetrieverShape shape) =>
        $"{shape.Backbone!.Model} of {backbone.Folder}, content {backbone.ContentHash}"
        + (shape.PatchesPerImage > 0 ? $"; pictures of {(shape.Backbone.Patches is null ? "at most " : "")}{shape.PatchesPerImage:N0} patches" : "")
        + $"; texts of at most {shape.MaxTextTokens:N0} tokens"
        + (backbone.Causal is { } causal ? $"; {(causal ? "causal" : "bidirectional")} attention" : "")
        + backbone.Pooling switch
        {
            Pooling.Token => $"; the state of {backbone.PoolingToken}",
            Pooling.Mean => "; the mean of the states",
            Pooling.Last => "; the state of the last token",
            _ => "",
        };

    private static string Adapters(StagePlan stage) => stage.Adapters is not { } adapters ? $"{stage.Spec.Name}: none, all weights are trained"
        : stage.Index > 0 && !stage.MergesFirst ? $"{stage.Spec.Name}: the same go on"
        : string.Create(CultureInfo.InvariantCulture, $"{stage.Spec.Name}: {(stage.MergesFirst ? "those before are merged; " : "")}rank {adapters.Rank}, alpha {adapters.Alpha} of {string.Join(", ", adapters.Targets)}");

    /// <summary>Layers x width of each tower; all towers of a retriever share the MLP width.</summary>
    private static string Towers(RetrieverShape shape) => shape switch
    {
        { Backbone: { } model } => model.Model
            + (model.Vision is { } vision ? $", vision {vision.Layers}x{vision.Width}" : "") + $", text {model.Text.Layers}x{model.Text.Width}"
            + (shape.FusionTower is { } fusion ? $", fusion {Size(fusion)}" : ""),
        { Joint: { } joint } => $"{Size(joint)}, mlp {joint.MlpWidth}",
        { ImageTower: { } tower, FusionTower: { } third } => $"2 of {Size(tower)}, fusion {Size(third)}, mlp {tower.MlpWidth}",
        { ImageTower: { } tower } => $"2 of {Size(tower)}, mlp {tower.MlpWidth}",
        _ => throw new ArgumentException("A retriever without towers.", nameof(shape)),
    };

    private static string Size(TransformerShape tower) => $"{tower.Layers}x{tower.Width}";

    private static string Rate(StageSpec stage) =>
        string.Create(CultureInfo.InvariantCulture, $"{stage.LearningRate:0.0##e+0}, {stage.WarmupSteps:N0} warm-up, {Name(stage.Schedule)}");

    private static string Name<T>(T choice) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString());

    internal static Text Cell(string text) => new(text);

    internal static Table Table(params string[] columns) => new Table { Border = TableBorder.Simple }.AddColumns(columns);

    private sealed record StageOf(string Run, StagePlan Plan);
}
