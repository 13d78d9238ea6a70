using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace JointFusion.Orchestration;

/// <summary>Every type that may leave the process, by the name it travels and is journalled under. A name, once released, keeps its meaning.</summary>
public static class ProtocolTypes
{
    private static readonly ProtocolJson Json = ProtocolJson.Default;

    /// <summary>By name.</summary>
    internal static FrozenDictionary<string, JsonTypeInfo> ByName { get; } = new Dictionary<string, JsonTypeInfo>
    {
        ["submit-run"] = Json.SubmitRun,
        ["submit-sweep"] = Json.SubmitSweep,
        ["stop-runs"] = Json.StopRuns,
        ["cancel-runs"] = Json.CancelRuns,
        ["resume-runs"] = Json.ResumeRuns,
        ["prioritise-runs"] = Json.PrioritiseRuns,
        ["drain-node"] = Json.DrainNode,
        ["undrain-node"] = Json.UndrainNode,
        ["release-slot"] = Json.ReleaseSlot,
        ["command-done"] = Json.CommandDone,
        ["get-snapshot"] = Json.GetSnapshot,
        ["coordinator-away"] = Json.CoordinatorAway,
        ["cluster-snapshot"] = Json.ClusterSnapshot,
        ["node-report"] = Json.NodeReport,
        ["step-report"] = Json.StepReport,
        ["node-orders"] = Json.NodeOrders,
        ["term-begun"] = Json.TermBegun,
        ["run-submitted"] = Json.RunSubmitted,
        ["run-rebuilt"] = Json.RunRebuilt,
        ["run-revised"] = Json.RunRevised,
        ["run-prioritised"] = Json.RunPrioritised,
        ["attempt-started"] = Json.AttemptStarted,
        ["attempt-placed"] = Json.AttemptPlaced,
        ["stage-entered"] = Json.StageEntered,
        ["evaluation-entered"] = Json.EvaluationEntered,
        ["checkpoint-taken"] = Json.CheckpointTaken,
        ["attempt-failed"] = Json.AttemptFailed,
        ["attempt-broken"] = Json.AttemptBroken,
        ["rank-ended"] = Json.RankEnded,
        ["stop-requested"] = Json.StopRequested,
        ["run-stopped"] = Json.RunStopped,
        ["run-resumed"] = Json.RunResumed,
        ["sweep-submitted"] = Json.SweepSubmitted,
        ["rung-reached"] = Json.RungReached,
        ["run-promoted"] = Json.RunPromoted,
        ["run-pruned"] = Json.RunPruned,
        ["run-succeeded"] = Json.RunSucceeded,
        ["run-failed"] = Json.RunFailed,
        ["node-draining"] = Json.NodeDraining,
        ["node-undrained"] = Json.NodeUndrained,
        ["slot-quarantined"] = Json.SlotQuarantined,
        ["slot-released"] = Json.SlotReleased,
    }.ToFrozenDictionary();

    /// <summary>By type.</summary>
    internal static FrozenDictionary<Type, string> Names { get; } = ByName.ToFrozenDictionary(entry => entry.Value.Type, entry => entry.Key);
}
