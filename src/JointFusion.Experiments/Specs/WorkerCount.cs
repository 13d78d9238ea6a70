namespace JointFusion.Experiments;

/// <summary>So many workers, or between a fewest and a most: in YAML a whole number, or <c>{ min: 2, max: 8 }</c>.</summary>
public sealed record WorkerCount
{
    /// <summary>The run starts with no fewer, and goes on with as few when a node is lost.</summary>
    public required int Min { get; init; }

    /// <summary>It starts with as many where there are so many, and comes to them at a checkpoint when they are free and nobody waits for them.</summary>
    public required int Max { get; init; }

    public bool IsElastic => Min != Max;

    public static implicit operator WorkerCount(int count) => new() { Min = count, Max = count };
}
