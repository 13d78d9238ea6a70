using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>Outcomes -> rows with intervals: one a split, pool, task, operation, condition, metric and k.</summary>
public sealed class ResultTable(EvaluationConditions of, MbeirDataset data)
{
    private const int BootstrapSeed = 1;
    private const string All = "all";

    public IEnumerable<ResultRow> Rows(IEnumerable<QueryOutcome> outcomes) =>
        from outcome in outcomes
        from operation in new[] { All, outcome.Operation }.Distinct()
        from targets in new[] { All, outcome.TargetSeen ? "seen" : "unseen" }
        group outcome by (outcome.Split, outcome.Pool, outcome.Task, Operation: operation, Targets: targets) into cell
        where cell.Key.Targets == All || IsMixed(cell, outcomes)
        orderby cell.Key.Split, cell.Key.Pool, cell.Key.Task, cell.Key.Operation, cell.Key.Targets
        from row in CellRows([.. cell], cell.Key.Operation, cell.Key.Targets)
        select row;

    /// <summary>Seen and unseen targets apart are worth rows only where there are both.</summary>
    private static bool IsMixed(IEnumerable<QueryOutcome> cell, IEnumerable<QueryOutcome> outcomes)
    {
        var some = cell.First();
        return outcomes.Any(outcome => outcome.Split == some.Split && outcome.Task == some.Task && outcome.TargetSeen != some.TargetSeen);
    }

    private IEnumerable<ResultRow> CellRows(QueryOutcome[] cell, string operation, string targets)
    {
        var all = Bootstrap(cell); // serves every condition under which all queries of the cell were asked: drawing it is what costs
        return from condition in cell.SelectMany(outcome => outcome.Ranks.Select(ranks => (ranks.Inputs, ranks.OwnImageInPool))).Distinct()
               let asked = cell.Where(outcome => Ranks(outcome, condition) is not null).ToArray()
               let bootstrap = asked.Length == cell.Length ? all : Bootstrap(asked)
               from k in RecallDepths.Of(data.Name)
               from metric in Metrics()
               let interval = bootstrap.Mean([.. asked.Select(outcome => metric.Of(outcome, Ranks(outcome, condition)!, k))])
               select Row(asked[0], operation, targets, condition, metric.Name, k, interval, asked.Length);
    }

    private static ClusteredBootstrap Bootstrap(QueryOutcome[] asked) => new([.. asked.Select(outcome => outcome.Concept)], BootstrapSeed);

    private static OutcomeRanks? Ranks(QueryOutcome outcome, (string Inputs, bool OwnImageInPool) condition) =>
        outcome.Ranks.FirstOrDefault(ranks => ranks.Inputs == condition.Inputs && ranks.OwnImageInPool == condition.OwnImageInPool);

    private static (string Name, Func<QueryOutcome, OutcomeRanks, int, double> Of)[] Metrics() =>
    [
        ("recall", (_, ranks, k) => ranks.Recall(k)),
        ("true_recall", (outcome, ranks, k) => ranks.TrueRecall(k, outcome.Relevant)),
    ];

    private ResultRow Row(
        QueryOutcome some, string operation, string targets, (string Inputs, bool OwnImageInPool) condition,
        string metric, int k, ConfidenceInterval interval, int queries)
    {
        var isPixels = condition.Inputs == EvaluationRequest.Pixels;
        return new ResultRow
        {
            Run = of.Run,
            Fusion = isPixels ? EvaluationRequest.Pixels : of.Fusion,
            Seed = of.Seed,
            Data = $"{data.Name}@{data.ManifestHash}",
            Split = some.Split,
            Pool = some.Pool,
            PoolSize = PoolSize(some.Task, some.Pool, isPixels),
            Task = some.Task,
            Operation = operation,
            Metric = metric,
            K = k,
            Value = interval.Value,
            CiLow = interval.Low,
            CiHigh = interval.High,
            Queries = queries,
            Inputs = isPixels ? EvaluationRequest.ImageAlone : condition.Inputs,
            Instructions = of.Instructions && !isPixels ? "first" : "none",
            OwnImageInPool = condition.OwnImageInPool,
            Targets = targets,
            Stages = of.Stages,
            Ledger = of.Ledger,
            Plan = of.PlanHash,
        };
    }

    private int PoolSize(int task, PoolKind pool, bool picturesOnly)
    {
        var members = data.Pool(task, pool);
        return picturesOnly ? members.Count(candidate => data.Candidates[candidate].ImagePath is not null) : members.Length;
    }
}
