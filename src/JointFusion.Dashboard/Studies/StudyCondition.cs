using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Under which conditions queries are counted.</summary>
/// <param name="Split">test: unseen combinations of seen words; unseen: families held out.</param>
/// <param name="OwnImageInPool">Whether the query's own picture may be returned; tasks whose queries have none are the same either way.</param>
/// <param name="Targets">all, or only queries whose targets were seen (or unseen) in training.</param>
public sealed record StudyCondition(string Split, bool OwnImageInPool, string Targets)
{
    internal RowKey Key(int task, string operation, bool hasOwnImage, PoolKind pool, int k) =>
        new(Split, pool, task, operation, "recall", k, "query", !hasOwnImage || OwnImageInPool, Targets);

    /// <summary>For reading.</summary>
    public string Words => $"{Split}, own picture {(OwnImageInPool ? "in" : "out")}{(Targets == "all" ? "" : $", {Targets} targets")}";
}
