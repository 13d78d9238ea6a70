using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>manifest.json of a set built here: what is in the folder. Written last; the hash of its bytes is the data's identity.</summary>
internal sealed record DataManifest
{
    public int Schema { get; init; } = 1;
    public required string Name { get; init; }

    /// <summary>Name and version of what built it.</summary>
    public required string Builder { get; init; }

    /// <summary>Where the pictures come from.</summary>
    public required string Source { get; init; }

    /// <summary>What a reader of results has to know: how it was split, what was left out.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>Words that occur nowhere in training; empty where the set holds none out.</summary>
    public required ImmutableArray<string> HeldOutWords { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Training queries of each task id.</summary>
    public required ImmutableSortedDictionary<int, int> TrainQueries { get; init; }

    /// <summary>Of those, how many name a candidate that is wrong though close; empty in sets built before this was counted.</summary>
    public ImmutableSortedDictionary<int, int> HardNegatives { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    /// <summary>Evaluation splits.</summary>
    public required ImmutableArray<string> Splits { get; init; }

    /// <summary>Every other file, ordered by path.</summary>
    public required ImmutableArray<ManifestFile> Files { get; init; }

    /// <summary>Null when the folder has none.</summary>
    /// <exception cref="DataException">It has one that does not parse.</exception>
    public static DataManifest? Read(MbeirLayout layout)
    {
        if (!File.Exists(layout.Manifest)) return null;

        try
        {
            return DataManifestReader.Read(File.ReadAllBytes(layout.Manifest));
        }
        catch (JsonException error)
        {
            throw new DataException($"{layout.Manifest}: not a manifest of this program ({error.Message}). Delete the folder and build it again.", error);
        }
    }

    public void Write(MbeirLayout layout) => File.WriteAllBytes(layout.Manifest, JsonSerializer.SerializeToUtf8Bytes(this, JointFusionJson.File));

    /// <summary>Compares every file's size. Null when all agree.</summary>
    public string? FirstDifference(MbeirLayout layout) =>
        Files.Select(file => file.DifferenceIn(layout, hashes: false)).FirstOrDefault(difference => difference is not null);

    public DataSummary Summarize(MbeirLayout layout) =>
        new(layout.Root, StableHash.HexOfFile(layout.Manifest), VocabularySize, TrainQueries, HardNegatives, Splits);
}
