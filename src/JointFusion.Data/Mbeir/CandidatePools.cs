using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>All candidates of a set, and which of them each pool file holds.</summary>
internal sealed class CandidatePools
{
    private readonly List<Candidate> candidates = [];
    private readonly Dictionary<string, int> indexOfDid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<int>> members = new(StringComparer.Ordinal);
    private readonly MbeirLayout layout;

    private CandidatePools(MbeirLayout layout) => this.layout = layout;

    public ImmutableArray<Candidate> Candidates { get; private set; } = [];

    /// <summary>Reads every pool, local ones first: a candidate's dense index is its first appearance.</summary>
    public static CandidatePools Read(MbeirLayout layout, Action<DataFault> onFault)
    {
        var pools = new CandidatePools(layout);
        foreach (var path in (IEnumerable<string>)[.. layout.LocalPools, .. layout.GlobalPools])
        {
            pools.members[path] = pools.ReadFile(path, onFault);
        }

        if (pools.candidates.Count == 0)
        {
            onFault(new DataFault(layout.PoolFolder, 0, "no candidates: expected local/*.jsonl or global/*.jsonl"));
        }

        pools.Candidates = [.. pools.candidates];
        return pools;
    }

    /// <summary>Null when no pool has it.</summary>
    public Candidate? Find(string did) => indexOfDid.TryGetValue(did, out var index) ? candidates[index] : null;

    /// <summary>The candidates of the task's own files, ascending; empty when it has none.</summary>
    public ImmutableArray<int> Local(int task) => Union(layout.LocalPools.Where(path => MbeirLayout.TaskOfFile(path) == task));

    /// <summary>The candidates that evaluation searches in whatever the task: the test pool that joins all, or all local ones together.</summary>
    public ImmutableArray<int> Global()
    {
        var joined = layout.GlobalPools.Where(path => Path.GetFileName(path).Contains("_test_", StringComparison.Ordinal)).ToList();
        return Union(joined.Count > 0 ? joined : layout.LocalPools);
    }

    private ImmutableArray<int> Union(IEnumerable<string> files) => [.. files.SelectMany(path => members[path]).Distinct().Order()];

    private ImmutableArray<int> ReadFile(string path, Action<DataFault> onFault)
    {
        var found = new HashSet<int>();
        foreach (var (number, line) in JsonLines.Read<CandidateLine>(path, onFault))
        {
            if (FaultOf(line) is { } fault)
            {
                onFault(new DataFault(path, number, fault));
            }
            else if (!found.Add(Intern(line, path, number, onFault)))
            {
                onFault(new DataFault(path, number, $"did {line.Did} stands twice in this file"));
            }
        }

        return [.. found];
    }

    private static string? FaultOf(CandidateLine line)
    {
        if (string.IsNullOrEmpty(line.Did)) return "no did";
        return ItemFault.Of($"did {line.Did}", line.Modality, line.Txt, line.ImgPath);
    }

    private int Intern(CandidateLine line, string path, int number, Action<DataFault> onFault)
    {
        var modality = ModalityNames.Parse(line.Modality)!.Value;
        var candidate = new Candidate(
            candidates.Count, line.Did!, modality.HasText() ? line.Txt : null, modality.HasImage() ? line.ImgPath : null, modality);
        if (indexOfDid.TryAdd(candidate.Did, candidate.Index))
        {
            candidates.Add(candidate);
            return candidate.Index;
        }

        var first = candidates[indexOfDid[candidate.Did]];
        if (candidate with { Index = first.Index } != first)
        {
            onFault(new DataFault(path, number, $"did {candidate.Did} has another content in another pool"));
        }

        return first.Index;
    }
}
