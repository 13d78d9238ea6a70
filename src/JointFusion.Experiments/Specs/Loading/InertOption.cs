namespace JointFusion.Experiments;

/// <summary>Options that are set, yet change nothing in one run's spec: an error, except at some points of a grid, where they are dropped.</summary>
/// <param name="KeyPath">Of an optional key.</param>
/// <param name="Because">Completes "it has no effect with ...".</param>
/// <param name="Cause">Key path of what makes it inert.</param>
internal sealed record InertOption(string KeyPath, string Because, string Cause)
{
    public static IEnumerable<InertOption> Of(ExperimentSpec spec)
    {
        if (spec.Retriever is { Fusion: Fusion.Early, Matching: not null })
            yield return new("retriever.matching", "retriever.fusion early, which has one tower", "retriever.fusion");
        if (spec.Retriever.LogitBias is not null && spec.Stages.All(stage => stage.Loss != Loss.Sigmoid))
            yield return new("retriever.logit_bias", "stages that all have loss softmax", "stages");
        if (spec.Data is { Source: DataSource.Icons, Root: not null })
            yield return new("data.root", "data.source icons, which is built into a cache of its own", "data.source");
        if (spec.Resources is { Workers.Min: > 0, ChunkSize: { } chunk } && spec.Stages.All(stage => chunk >= stage.ItemsAWorker(spec.Resources.Workers.Min)))
            yield return new("resources.chunk_size", "steps in which no worker encodes more items than that", "resources.workers");
        if (spec.Resources is { Workers.Max: 1, Transport: not Transport.SharedMemory })
            yield return new("resources.transport", "resources.workers 1, which exchanges nothing", "resources.workers");
        if (spec.Resources is { Workers.Max: 1, ShardOptimizer: true })
            yield return new("resources.shard_optimizer", "resources.workers 1, whose part is the whole", "resources.workers");
        for (var i = 0; i < spec.Stages.Length; i++)
            if (spec.Stages[i] is { SubBatch: not null, Tasks.Length: 1 })
                yield return new($"stages[{i}].sub_batch", $"the one task of stages[{i}].tasks", $"stages[{i}].tasks");
    }
}
