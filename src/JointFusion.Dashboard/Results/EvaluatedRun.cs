using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What comparing needs of an evaluated retriever: of a run's folder, or of one that <c>jf eval --out</c> wrote.</summary>
/// <param name="Name">As the comparison calls it.</param>
/// <param name="Rows">Of evaluation.json, without the untrained baseline's.</param>
/// <param name="Outcomes">Of outcomes.jsonl; empty where the file is missing.</param>
/// <param name="Plan">Null where only its evaluation is at hand.</param>
public sealed record EvaluatedRun(string Name, ImmutableArray<ResultRow> Rows, ImmutableArray<QueryOutcome> Outcomes, RunPlan? Plan)
{
    /// <returns>Null: it has not been evaluated.</returns>
    /// <exception cref="InvalidDataException">A file is not what its name says; names file and cause.</exception>
    public static EvaluatedRun? Read(RunFolder folder, string name)
    {
        var rows = ExperimentReader.ReadRows(folder).Where(row => row.Fusion != ExperimentResults.Pixels).ToImmutableArray();
        return rows.IsEmpty ? null : new(name, rows, JsonLines.Read<QueryOutcome>(folder.Outcomes), File.Exists(folder.Plan) ? ExperimentReader.ReadPlan(folder) : null);
    }
}
