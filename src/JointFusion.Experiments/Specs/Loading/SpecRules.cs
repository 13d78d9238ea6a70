using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>What must hold for one run's spec beyond each value's type. Rules that need the data set itself are planning's.</summary>
internal static partial class SpecRules
{
    /// <summary>Keeps an epoch countable; whoever draws a query more often trains on it alone.</summary>
    private const double MostWeight = 1000;

    /// <param name="swept">Key paths that a sweep has set: of these a stage's steps may be 0, which leaves it out.</param>
    public static IEnumerable<BrokenRule> Broken(ExperimentSpec spec, params IReadOnlyCollection<string> swept) =>
    [
        .. Name(spec.Name, "name"),
        .. AtLeast(0, spec.Seed, "seed"),
        .. Data(spec),
        .. Pairs(spec),
        .. RetrieverRules.Broken(spec.Retriever),
        .. BackboneRules.Broken(spec),
        .. Stages(spec, swept),
        .. Evaluation(spec.Evaluation),
        .. AtLeast(1, spec.Checkpoints.EverySteps, "checkpoints.every_steps"),
        .. AtLeast(2, spec.Checkpoints.Keep, "checkpoints.keep"),
        .. AtLeast(0, spec.Checkpoints.KeepBest, "checkpoints.keep_best"),
        .. KeepEvery(spec.Checkpoints),
        .. Mirror(spec.Checkpoints),
        .. Health(spec.Health),
        .. Workers(spec.Resources.Workers),
        .. AtLeast(1, spec.Resources.ChunkSize ?? 1, "resources.chunk_size"),
        .. Transport(spec.Resources),
        .. Labels(spec.Resources),
    ];

    private static IEnumerable<BrokenRule> KeepEvery(CheckpointSpec checkpoints)
    {
        const string path = "checkpoints.keep_every", of = "checkpoints.every_steps";
        if (checkpoints.KeepEvery is { } steps && checkpoints.EverySteps > 0 && (steps < 1 || steps % checkpoints.EverySteps != 0))
            yield return new($"{steps} is not allowed; a multiple of {of}, {checkpoints.EverySteps}", path, of);
    }

    private static IEnumerable<BrokenRule> Mirror(CheckpointSpec checkpoints)
    {
        if (checkpoints.Mirror is { } address && StorageAddress.Parse(address) is null)
            yield return new($"'{address}' is not a place in S3-compatible storage; s3://BUCKET or s3://BUCKET/PREFIX, the bucket in 3 to 63 lower-case letters, digits, '-' and '.'", "checkpoints.mirror");
    }

    private static IEnumerable<BrokenRule> Workers(WorkerCount workers)
    {
        const string path = "resources.workers";
        foreach (var broken in AtLeast(1, workers.Min, workers.IsElastic ? $"{path}.min" : path))
            yield return broken with { Keys = [.. broken.Keys, path] };
        if (workers.Max < workers.Min)
            yield return new($"{workers.Max} is not allowed; at least {path}.min, {workers.Min}", $"{path}.max", $"{path}.min", path);
    }

    private static IEnumerable<BrokenRule> Transport(ResourceSpec resources)
    {
        const string path = "resources.transport", of = "resources.device";
        if (resources is { Transport: Experiments.Transport.Nccl, Device: not Device.Cuda, Workers.Max: > 1 }) // One worker has another fault.
            yield return new($"nccl exchanges between GPUs, but {of} is {SpecKeys.Name(resources.Device.ToString())}; set {of}: cuda, or leave the key out", path, of);
    }

    private static IEnumerable<BrokenRule> Labels(ResourceSpec resources)
    {
        const string path = "resources.labels";
        if (resources.Labels is { IsEmpty: true })
            yield return new("an empty mapping asks for nothing; name a label as in { gpu: h100 }, or leave the key out", path);
        foreach (var (name, value) in resources.Labels ?? ImmutableSortedDictionary<string, string>.Empty)
            if (!LabelPattern().IsMatch(name) || !LabelPattern().IsMatch(value))
                yield return new($"'{name}: {value}' is not a label; name and value are up to 63 letters, digits, '-', '_', '.' and '/', a letter or digit first", $"{path}.{name}", path);
    }

    private static IEnumerable<BrokenRule> Health(HealthSpec health)
    {
        foreach (var broken in AtLeast(1, health.Patience, "health.patience"))
            yield return broken;
        if (health.CollapseBelow is <= 0 or >= 1)
            yield return new($"{health.CollapseBelow} is not allowed; a spread is between 0 (all the same) and 1", "health.collapse_below");
        for (var i = 0; i < health.StopOn.Length; i++)
            if (health.StopOn.IndexOf(health.StopOn[i]) < i)
                yield return new($"'{SpecKeys.Name(health.StopOn[i].ToString())}' is listed twice", $"health.stop_on[{i}]");
    }

    private static IEnumerable<BrokenRule> Data(ExperimentSpec spec)
    {
        if (spec.Retriever.Preset is { } preset && Size(preset, spec.Data.ImageSize ?? DataSpec.DefaultImageSize) is { } wrongSize)
            yield return wrongSize;
        if (spec.Data.ImageMean is < 0 or > 1)
            yield return new($"{spec.Data.ImageMean} is not allowed; between 0 (black) and 1 (white)", "data.image_mean");
        foreach (var broken in Positive(spec.Data.ImageStd ?? DataSpec.DefaultPixel, "data.image_std"))
            yield return broken;
        if (spec.Data.Source == DataSource.Mbeir && spec.Data.Root is null)
            yield return new("missing; source mbeir needs the folder of a data set in M-BEIR layout", "data.root", "data.source");
        if (spec.Data.Source == DataSource.Pairs && spec.Data.Root is null)
            yield return new("missing; source pairs needs the folder of pair files, with a train.jsonl", "data.root", "data.source");
        if (!spec.Data.Source.IsBuilt() && spec.Data.Root is { } root && !Directory.Exists(root))
            yield return new($"the folder {root} does not exist; a relative one is taken from the spec's folder", "data.root", "data.source");
    }

    /// <summary>What stages ask for that pair files do not hold.</summary>
    private static IEnumerable<BrokenRule> Pairs(ExperimentSpec spec)
    {
        if (spec.Data.Source != DataSource.Pairs)
            yield break;
        for (var i = 0; i < spec.Stages.Length; i++)
        {
            if (spec.Stages[i].Instructions)
                yield return new("pair files have no instructions; leave it out, or write them into the texts", $"stages[{i}].instructions", "data.source");
            if (spec.Stages[i].MinedNegatives is not null)
                yield return new("pair files have no pool of training candidates to mine in; leave it out", $"stages[{i}].mined_negatives", "data.source");
        }
    }

    private static BrokenRule? Size(Preset preset, int size)
    {
        var patch = PresetSize.Of(preset).PatchSize;
        return size > 0 && size % patch == 0 ? null : new(
            $"{size} is not allowed; pictures of preset {SpecKeys.Name(preset.ToString())} are a multiple of its patch, " +
            $"{patch}, such as {Math.Max(1, (size + (patch / 2)) / patch) * patch}",
            "data.image_size", "retriever.preset");
    }

    private static IEnumerable<BrokenRule> Stages(ExperimentSpec spec, IReadOnlyCollection<string> swept)
    {
        if (spec.Stages.IsEmpty)
            yield return new("an empty list; at least one stage is needed", "stages");
        if (spec.Stages.Sum(stage => (long)stage.Steps) > int.MaxValue)
            yield return new($"the steps of all stages add up to more than {int.MaxValue}", "stages");
        if (!spec.Stages.IsEmpty && spec.Stages.All(stage => stage.Steps == 0 && swept.Contains("stages[0].steps")))
            yield return new("0 leaves the stage out, and no other one is left; at least 1", "stages[0].steps");

        var trainedFirst = spec.Stages.TakeWhile(stage => stage.Steps == 0).Count();
        for (var i = 0; i < spec.Stages.Length; i++)
        {
            var name = spec.Stages[i].Name;
            var first = spec.Stages.Select(stage => stage.Name).ToList().IndexOf(name);
            if (first < i)
                yield return new($"'{name}' is the name of stages[{first}] too; results tell stages apart by name", $"stages[{i}].name", $"stages[{first}].name");
            if (i == trainedFirst && spec.Stages[i].MinedNegatives is not null)
                yield return new("the first stage begins with weights that know nothing, so there is nothing to mine with; a later stage can", $"stages[{i}].mined_negatives");
            foreach (var broken in Stage(spec.Stages[i], $"stages[{i}]", spec.Resources.Workers.Max, swept))
                yield return broken;
        }
    }

    private static IEnumerable<BrokenRule> Stage(StageSpec stage, string at, int workers, IReadOnlyCollection<string> swept) =>
    [
        .. Name(stage.Name, $"{at}.name"),
        .. Tasks(stage, $"{at}.tasks"),
        .. AtLeast(swept.Contains($"{at}.steps") ? 0 : 1, stage.Steps, $"{at}.steps"),
        .. GlobalBatch(stage.GlobalBatch, workers, $"{at}.global_batch"),
        .. SubBatch(stage, at),
        .. NegativesWithin(stage, at),
        .. Weights(stage, at),
        .. Loss(stage, at),
        .. Matryoshka(stage.Matryoshka, $"{at}.matryoshka"),
        .. AtLeast(0, stage.HardNegatives, $"{at}.hard_negatives"),
        .. Mining(stage.MinedNegatives, $"{at}.mined_negatives"),
        .. Positive(stage.LearningRate, $"{at}.learning_rate"),
        .. Positive(stage.ClipNorm, $"{at}.clip_norm"),
        .. AtLeast(0, stage.WeightDecay, $"{at}.weight_decay"),
        .. AtLeast(0, stage.WarmupSteps, $"{at}.warmup_steps"),
        .. Warmup(stage, at),
        .. ParameterRules.Broken(stage, at),
    ];

    private static IEnumerable<BrokenRule> Tasks(StageSpec stage, string path)
    {
        if (stage.Tasks.IsEmpty)
            yield return new($"an empty list; allowed are {KnownTasks.Allowed}", path);
        for (var i = 0; i < stage.Tasks.Length; i++)
        {
            var task = stage.Tasks[i];
            var why = task == 5 ? ": image to image and text, which M-BEIR leaves out" : "";
            if (!KnownTasks.All.ContainsKey(task))
                yield return new($"{task} is not a task{why}; allowed are {KnownTasks.Allowed}", $"{path}[{i}]");
            else if (stage.Tasks.IndexOf(task) < i)
                yield return new($"{task} is listed twice", $"{path}[{i}]");
        }
    }

    private static IEnumerable<BrokenRule> GlobalBatch(int pairs, int workers, string path)
    {
        if (pairs < 2)
            yield return new($"{pairs} is not allowed; at least 2, since a pair's negatives are the other pairs' candidates", path);
        else if (pairs < workers)
            yield return new($"{pairs} pairs leave some of the {workers} workers without one; at least as many pairs as workers", path, "resources.workers");
    }

    private static IEnumerable<BrokenRule> SubBatch(StageSpec stage, string at)
    {
        if (stage.SubBatch is { } rows && (rows < 2 || stage.GlobalBatch % rows != 0))
            yield return new(
                $"{rows} is not allowed; at least 2, and a divisor of {at}.global_batch, {stage.GlobalBatch}",
                $"{at}.sub_batch", $"{at}.global_batch");
    }

    private static IEnumerable<BrokenRule> NegativesWithin(StageSpec stage, string at)
    {
        if (stage.NegativesWithin is { } rows && (rows < 2 || stage.GlobalBatch % rows != 0))
            yield return new(
                $"{rows} is not allowed; at least 2, and a divisor of {at}.global_batch, {stage.GlobalBatch}",
                $"{at}.negatives_within", $"{at}.global_batch");
    }

    private static IEnumerable<BrokenRule> Weights(StageSpec stage, string at)
    {
        var weights = stage.Weights ?? [];
        for (var i = 0; i < weights.Length; i++)
        {
            var (weight, path) = (weights[i], $"{at}.weights[{i}]");
            if (weight is { Task: null, Dataset: null })
                yield return new("it names neither a task nor a dataset, so that it would change nothing", path);
            if (weight.Task is { } task && !stage.Tasks.Contains(task))
                yield return new($"{task} is not one of {at}.tasks: {string.Join(", ", stage.Tasks)}", $"{path}.task", $"{at}.tasks");
            if (weights.Take(i).Any(other => (other.Task, other.Dataset) == (weight.Task, weight.Dataset)))
                yield return new("the same queries have a weight above", path);
            foreach (var broken in Positive(weight.Weight, $"{path}.weight"))
                yield return broken;
            if (weight.Weight > MostWeight)
                yield return new($"{weight.Weight} is not allowed; at most {MostWeight}", $"{path}.weight");
        }
    }

    private static IEnumerable<BrokenRule> Loss(StageSpec stage, string at)
    {
        if (stage is { Loss: Experiments.Loss.Sigmoid, Symmetric: true })
            yield return new("the sigmoid loss is symmetric already; leave it out", $"{at}.symmetric", $"{at}.loss");
    }

    private static IEnumerable<BrokenRule> Matryoshka(ImmutableArray<int>? widths, string at)
    {
        if (widths is { IsEmpty: true })
            yield return new("an empty list asks for nothing; name widths as in [64, 128], or leave the key out", at);
        for (var i = 0; i < (widths?.Length ?? 0); i++)
            if (widths!.Value[i] < (i == 0 ? 1 : widths.Value[i - 1] + 1))
                yield return new($"{widths.Value[i]} is not allowed; {(i == 0 ? "at least 1" : $"more than the {widths.Value[i - 1]} before it")}", $"{at}[{i}]");
    }

    private static IEnumerable<BrokenRule> Mining(NegativeMining? mining, string at)
    {
        if (mining is null)
            yield break;
        foreach (var broken in AtLeast(1, mining.PerQuery, $"{at}.per_query").Concat(AtLeast(Math.Max(1, mining.PerQuery), mining.FromTop, $"{at}.from_top")))
            yield return broken;
        if (mining.BelowPositive is <= 0 or > 1)
            yield return new($"{mining.BelowPositive} is not allowed; above 0 and at most 1, a share of the positive's cosine", $"{at}.below_positive");
    }

    private static IEnumerable<BrokenRule> Warmup(StageSpec stage, string at)
    {
        if (stage.WarmupSteps >= stage.Steps && stage.Steps > 0)
            yield return new(
                $"{stage.WarmupSteps} warm-up steps leave none of the stage's {stage.Steps}; fewer than {stage.Steps} are allowed",
                $"{at}.warmup_steps", $"{at}.steps");
    }

    private static IEnumerable<BrokenRule> Evaluation(EvaluationSpec evaluation)
    {
        const string splits = "evaluation.splits", pools = "evaluation.pools";
        if (evaluation.Splits.IsEmpty)
            yield return new($"an empty list; allowed are {string.Join(", ", KnownSplits.All)}", splits);
        if (evaluation.Pools.IsEmpty)
            yield return new($"an empty list; allowed are {string.Join(", ", Enum.GetNames<PoolKind>().Select(SpecKeys.Name))}", pools);

        for (var i = 0; i < evaluation.Splits.Length; i++)
        {
            var split = evaluation.Splits[i];
            if (!KnownSplits.All.Contains(split))
                yield return new($"'{split}' is not an evaluation split; {Spelling.Allowed(split, KnownSplits.All)}", $"{splits}[{i}]");
            else if (evaluation.Splits.IndexOf(split) < i)
                yield return new($"'{split}' is listed twice", $"{splits}[{i}]");
        }

        for (var i = 0; i < evaluation.Pools.Length; i++)
            if (evaluation.Pools.IndexOf(evaluation.Pools[i]) < i)
                yield return new($"'{SpecKeys.Name(evaluation.Pools[i].ToString())}' is listed twice", $"{pools}[{i}]");
    }

    private static IEnumerable<BrokenRule> Name(string name, string path)
    {
        if (!NamePattern().IsMatch(name))
            yield return new(
                $"'{name}' is not a name for a folder; allowed are up to 64 lower-case letters, digits, '-', '_' and '.', a letter or digit first",
                path);
    }

    internal static IEnumerable<BrokenRule> AtLeast(double least, double value, string path)
    {
        if (value < least)
            yield return new($"{value} is not allowed; at least {least}", path);
    }

    internal static IEnumerable<BrokenRule> Positive(double value, string path)
    {
        if (value <= 0)
            yield return new($"{value} is not allowed; a number above 0", path);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/-]{0,62}\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}
