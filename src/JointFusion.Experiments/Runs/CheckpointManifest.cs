using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>manifest.json of a checkpoint folder: what is in it and what it belongs to. Written last; a folder without it is not a checkpoint.</summary>
public sealed record CheckpointManifest
{
    public int Schema { get; init; } = 1;
    public required string Run { get; init; }
    public required string ScienceHash { get; init; }
    public required string PlanHash { get; init; }
    public required int Generation { get; init; }

    /// <summary>Steps done, counted over the whole run. The sampler is a pure function of it, so it is the sampler's whole state.</summary>
    public required int Step { get; init; }

    public required string Stage { get; init; }
    public required string Ledger { get; init; }
    /// <summary>Mean over the steps since the checkpoint before, or since the attempt's start; null before any step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Loss { get; init; }

    /// <summary>Adapters that were merged into a backbone's weights before it, in their order; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<AdapterMerge>? Merges { get; init; }

    /// <summary>What it leaves to the folder of the published model: weights that no stage had trained by then. Null: nothing; older ones hold them too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FolderWeights? FromFolder { get; init; }

    public required int WorldSize { get; init; }

    /// <summary>By rank, the kind of processor that computed it, and its threads: on others the same plan rounds otherwise. Null in older ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Processors { get; init; }

    public required ImmutableArray<CheckpointFile> Files { get; init; }
}

/// <param name="Stage">That began with the merge.</param>
/// <param name="AfterStep">Counted over the whole run.</param>
/// <param name="Sha256">Of the adapters' values; lower-case hex.</param>
public sealed record AdapterMerge(string Stage, int AfterStep, string Sha256);

/// <summary>Weights that are a published model's own, and lie in its folder alone.</summary>
/// <param name="ContentHash">Of the folder: see <see cref="BackbonePlan"/>.</param>
/// <param name="Tensors">So many of them.</param>
/// <param name="Bytes">Of their values, as they are trained.</param>
public sealed record FolderWeights(string ContentHash, int Tensors, long Bytes);

/// <param name="Name">Within the checkpoint's folder.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record CheckpointFile(string Name, long Bytes, string Sha256);
