using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>Where the files of an M-BEIR folder are, in one place.</summary>
/// <param name="Root">Absolute.</param>
internal sealed partial record MbeirLayout(string Root)
{
    public const string Train = "train";
    public const string Images = "mbeir_images";
    private const string UnionTrain = "union_train";

    public string Manifest => In("manifest.json");
    public string Vocabulary => In("vocabulary.json");
    public string Instructions => In("instructions", "query_instructions.tsv");
    public string QueryFolder => In("query");
    public string QrelsFolder => In("qrels");
    public string PoolFolder => In("cand_pool");

    public string Image(string relativePath) => Path.Combine(Root, relativePath);

    /// <summary>Training queries come from <c>query/train</c>; from <c>query/union_train</c> (some repeated there) only where that is all there is.</summary>
    public ImmutableArray<string> Queries(string split)
    {
        var files = Files(In("query", split), "*.jsonl");
        return files.IsEmpty && split == Train ? Files(In("query", UnionTrain), "*.jsonl") : files;
    }

    /// <summary>UniIR's joined training file holds queries of small data sets several times, so that they are drawn more often.</summary>
    public static bool MayRepeatQueries(string path) => Path.GetFileName(Path.GetDirectoryName(path)) == UnionTrain;

    public ImmutableArray<string> Qrels(string split) => Files(In("qrels", split), "*.txt");

    public ImmutableArray<string> LocalPools => Files(In("cand_pool", "local"), "*.jsonl");

    /// <summary>Tasks that have a pool of their own, ascending, as its files' names say.</summary>
    public ImmutableArray<int> LocalTasks => [.. LocalPools.Select(path => TaskOfFile(path)).OfType<int>().Distinct().Order()];

    public ImmutableArray<string> GlobalPools => Files(In("cand_pool", "global"), "*.jsonl");

    /// <summary>Splits with queries to evaluate, in the order val, test, then others by name.</summary>
    public ImmutableArray<string> EvaluationSplits =>
    [
        .. (Directory.Exists(QueryFolder) ? Directory.GetDirectories(QueryFolder) : [])
            .Select(folder => Path.GetFileName(folder))
            .Where(split => split is not (Train or UnionTrain) && !Queries(split).IsEmpty)
            .OrderBy(split => split switch { "val" => 0, "test" => 1, _ => 2 })
            .ThenBy(split => split, StringComparer.Ordinal),
    ];

    public ImmutableArray<string> Texts =>
    [
        .. new[] { "query", "qrels", "cand_pool", "instructions" }
            .Select(folder => In(folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>With forward slashes.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>The task that a file's name gives, as in <c>mbeir_cirr_task7_cand_pool.jsonl</c>; null where it gives none.</summary>
    public static int? TaskOfFile(string path) =>
        TaskInName().Match(Path.GetFileName(path)) is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    private string In(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static ImmutableArray<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];

    [GeneratedRegex("_task([0-9]{1,3})(_|\\.)")]
    private static partial Regex TaskInName();
}
