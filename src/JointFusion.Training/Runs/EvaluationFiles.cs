using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>An evaluation on disk: rows for people and comparisons, a line a query for what pairs them.</summary>
public static class EvaluationFiles
{
    /// <summary>Replaces evaluation.json and outcomes.jsonl, each at once.</summary>
    public static void Write(RunFolder folder, IReadOnlyList<QueryOutcome> outcomes, EvaluationReport report)
    {
        ResultFile.Write(folder.Outcomes, stream =>
        {
            foreach (var outcome in outcomes)
            {
                JsonSerializer.Serialize(stream, outcome, JointFusionJson.Line);
                stream.WriteByte((byte)'\n');
            }
        });
        ResultFile.Write(folder.Evaluation, stream => JsonSerializer.Serialize(stream, report, JointFusionJson.File));
    }
}
