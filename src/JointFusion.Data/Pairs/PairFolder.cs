using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Where a folder's pair files are: train.jsonl, and a file for each split to evaluate, such as val.jsonl; or train/*.jsonl and so on.</summary>
internal static class PairFolder
{
    private const string Extension = ".jsonl";

    /// <summary>Whether there are pairs to train on; a folder in M-BEIR layout has them elsewhere.</summary>
    public static bool IsOne(string root) => !Files(root, MbeirLayout.Train).IsEmpty;

    /// <summary>Of one split, in the order of their names.</summary>
    public static ImmutableArray<string> Files(string root, string split)
    {
        var (single, folder) = (Path.Combine(root, split + Extension), Path.Combine(root, split));
        return
        [
            .. File.Exists(single) ? [single] : (string[])[],
            .. (Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Extension) : []).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Splits to evaluate, in the order val, test, then others by name.</summary>
    public static ImmutableArray<string> EvaluationSplits(string root) =>
    [
        .. Directory.GetFiles(root, "*" + Extension).Select(file => Path.GetFileNameWithoutExtension(file))
            .Concat(Directory.GetDirectories(root).Where(folder => Directory.GetFiles(folder, "*" + Extension).Length > 0).Select(folder => Path.GetFileName(folder)))
            .Distinct().Where(split => split != MbeirLayout.Train)
            .OrderBy(split => split switch { "val" => 0, "test" => 1, _ => 2 }).ThenBy(split => split, StringComparer.Ordinal),
    ];

    /// <summary>Every file, by its path.</summary>
    public static ImmutableArray<string> AllFiles(string root) =>
        [.. EvaluationSplits(root).Prepend(MbeirLayout.Train).SelectMany(split => Files(root, split)).Order(StringComparer.Ordinal)];
}
