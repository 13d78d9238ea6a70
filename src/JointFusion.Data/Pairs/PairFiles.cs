using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>The pair files of a folder as a data set: each distinct target is one candidate, and lines that ask the same are one query with several positives.</summary>
/// <remarks>
/// So no batch holds a right answer against a query. Ids are made here: a query's is the place of its file among the split's, and its first line's
/// number. A pool is the targets of the splits that are evaluated; training's would be millions that nobody searches.
/// </remarks>
internal sealed class PairFiles : ISetFiles
{
    private readonly string root;
    private readonly Action<DataFault> onFault;
    private readonly List<Candidate> candidates = [];
    private readonly Dictionary<(string?, string?), int> indexOf = [];
    private readonly Dictionary<string, ImmutableArray<Query>> splits = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, SortedSet<int>> pools = [];

    private PairFiles(string root, Action<DataFault> onFault) => (this.root, this.onFault) = (root, onFault);

    public ImmutableArray<Candidate> Candidates { get; private set; } = [];

    public ImmutableArray<string> EvaluationSplits => PairFolder.EvaluationSplits(root);

    public IEnumerable<string> Instructions => [];

    public ImmutableArray<int> LocalTasks => [.. pools.Keys];

    public ImmutableArray<string> InstructionsOf(MbeirTask task) => [];

    /// <param name="root">Absolute.</param>
    public static PairFiles Read(string root, Action<DataFault> onFault)
    {
        var files = new PairFiles(root, onFault);
        foreach (var split in files.EvaluationSplits.Prepend(MbeirLayout.Train))
        {
            files.splits[split] = files.ReadSplit(split);
        }

        files.Candidates = [.. files.candidates];
        return files;
    }

    public ImmutableArray<Query> Queries(string split) => splits.GetValueOrDefault(split, []);

    public ImmutableArray<int> Local(int task) => pools.TryGetValue(task, out var pool) ? [.. pool] : [];

    public ImmutableArray<int> Global() => [.. pools.Values.SelectMany(pool => pool).Distinct().Order()];

    private ImmutableArray<Query> ReadSplit(string split)
    {
        var asked = new Dictionary<(string?, string?, int), int>();
        var (queries, positives) = (new List<Query>(), new List<SortedSet<int>>());
        foreach (var (file, path) in PairFolder.Files(root, split).Index())
        {
            foreach (var (number, query, target, task) in PairReader.Read(path, onFault))
            {
                var candidate = Intern(target);
                if (split != MbeirLayout.Train) Pool(task.Id).Add(candidate);
                if (asked.TryGetValue((query.Text, query.Image, task.Id), out var known))
                {
                    positives[known].Add(candidate);
                    continue;
                }

                asked.Add((query.Text, query.Image, task.Id), queries.Count);
                queries.Add(Create($"{file}:{number}", query, task));
                positives.Add([candidate]);
            }
        }

        return [.. queries.Select((query, i) => query with { Positives = [.. positives[i]] })];
    }

    private SortedSet<int> Pool(int task) => pools.TryGetValue(task, out var pool) ? pool : pools[task] = [];

    private int Intern(PairItem target)
    {
        if (indexOf.TryGetValue((target.Text, target.Image), out var known)) return known;
        candidates.Add(new Candidate(candidates.Count, $"0:{candidates.Count}", target.Text, target.Image, target.Modality!.Value));
        return indexOf[(target.Text, target.Image)] = candidates.Count - 1;
    }

    private static Query Create(string id, PairItem query, MbeirTask task) => new()
    {
        Id = id,
        Text = query.Text,
        ImagePath = query.Image,
        Task = task.Id,
        Operation = "all",
        Concept = id,
        TargetSeen = true,
        Positives = [],
        Instructions = [],
    };
}
