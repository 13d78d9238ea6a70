using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Reads outcomes.jsonl of runs, keeping the last ones: a page asks for the same file again and again.</summary>
internal sealed class OutcomeReader
{
    private const int MostKept = 3;
    private readonly Lock gate = new();
    private readonly List<(string Path, DateTime Written, ImmutableArray<FaredQuery> Queries)> kept = [];

    /// <returns>In the evaluation's order; empty where the run has not been evaluated.</returns>
    /// <exception cref="InvalidDataException">A line is no outcome; names file and line.</exception>
    public ImmutableArray<FaredQuery> Read(RunFolder run)
    {
        var written = File.GetLastWriteTimeUtc(run.Outcomes);
        lock (gate)
        {
            var at = kept.FindIndex(one => one.Path == run.Outcomes);
            if (at >= 0 && kept[at].Written == written)
                return kept[at].Queries;
            if (at >= 0)
                kept.RemoveAt(at);
            var queries = FaredQuery.Of(JsonLines.Read<QueryOutcome>(run.Outcomes));
            kept.Add((run.Outcomes, written, queries));
            if (kept.Count > MostKept)
                kept.RemoveAt(0);
            return queries;
        }
    }
}
