using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What two retrievers do not share in how they came to be, in words.</summary>
internal static class TrainingDifferences
{
    /// <summary>Keys of stages that are named; more are counted.</summary>
    private const int NamedKeys = 4;

    /// <summary>Empty where they were trained alike; the fusion is among them.</summary>
    public static ImmutableArray<string> Between(EvaluatedRun a, EvaluatedRun b)
    {
        var (ours, theirs) = (a.Rows[0], b.Rows[0]);
        List<string> found = [];
        if (ours.Fusion != theirs.Fusion)
            found.Add($"fusion {ours.Fusion} against {theirs.Fusion}");
        if (a.Plan is not null && b.Plan is not null)
            found.AddRange(RunConditions.Differences(new RunResults(a.Plan, a.Rows, [], []), new RunResults(b.Plan, b.Rows, [], [])));
        else
            found.AddRange(OfRows(ours, theirs));
        if (ours.Stages != theirs.Stages)
            found.Add($"trained through {ours.Stages} against {theirs.Stages}");
        return [.. found];
    }

    /// <summary>Keys of the stages' specs that differ, such as <c>stages[1].learning_rate 0.001 against 0.002</c>; empty where none does.</summary>
    public static ImmutableArray<string> OfStages(RunPlan a, RunPlan b)
    {
        var (ours, theirs) = (Leaves(a), Leaves(b));
        var keys = ours.Keys.Union(theirs.Keys).Where(key => ours.GetValueOrDefault(key) != theirs.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToList();
        var named = keys.Take(NamedKeys).Select(key => $"{key} {ours.GetValueOrDefault(key, "none")} against {theirs.GetValueOrDefault(key, "none")}");
        return keys.Count > NamedKeys ? [.. named, $"{keys.Count - NamedKeys} more keys of the stages"] : [.. named];
    }

    private static IEnumerable<string> OfRows(ResultRow a, ResultRow b)
    {
        if (a.Seed != b.Seed)
            yield return $"seed {a.Seed} against {b.Seed}";
        if (a.Ledger != b.Ledger)
            yield return $"ledger {a.Ledger} against {b.Ledger}";
        if (a.Plan != b.Plan)
            yield return $"plan {a.Plan} against {b.Plan}";
    }

    private static Dictionary<string, string> Leaves(RunPlan plan)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(JsonSerializer.SerializeToNode(plan.Stages.Select(stage => stage.Spec).ToArray(), JointFusionJson.Line), "stages");
        return leaves;

        void Walk(JsonNode? node, string path)
        {
            if (node is JsonObject keys)
                foreach (var (key, value) in keys)
                    Walk(value, $"{path}.{key}");
            else if (node is JsonArray { Count: > 0 } items && items.Any(item => item is JsonObject))
                foreach (var (index, item) in items.Index())
                    Walk(item, $"{path}[{index}]");
            else if (node is not null)
                leaves[path] = node.ToJsonString(JointFusionJson.Line);
        }
    }
}
