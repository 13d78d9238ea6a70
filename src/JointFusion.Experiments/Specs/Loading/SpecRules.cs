using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>What must hold for one run's spec beyond each value's type. Rules that need the data set itself are planning's.</summary>
internal static partial class SpecRules
{
    /// <param name="swept">Key paths that a sweep has set: of these a stage's steps may be 0, which leaves it out.</param>
    public static IEnumerable<BrokenRule> Broken(ExperimentSpec spec, params IReadOnlyCollection<string> swept) =>
    [
        .. Name(spec.Name, "name"),
        .. AtLeast(0, spec.Seed, "seed"),
        .. Data(spec),
        .. Pairs(spec),
        .. RetrieverRules.Broken(spec.Retriever),
        .. BackboneRules.Broken(spec),
        .. StageRules.Broken(spec, swept),
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

    internal static IEnumerable<BrokenRule> Name(string name, string path)
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
