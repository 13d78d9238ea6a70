using System.Collections.Immutable;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Which pairs each step trains on: a pure function of data, seed, stages and step. Thread-safe.</summary>
/// <remarks>
/// Each stage goes through its tasks' training queries in epochs: see <see cref="QueryOrder"/>. A batch that crosses an epoch's end goes
/// on in the next epoch. Positive, instruction and hard negatives are keyed by seed, stage, step and row.
/// </remarks>
public sealed class BatchSampler
{
    private const int LedgerDigits = 32;
    private readonly MbeirDataset data;
    private readonly int seed;
    private readonly ImmutableArray<StagePlan> stages;
    private readonly ImmutableArray<QueryOrder> orderOfStage;
    private readonly ImmutableDictionary<int, MinedNegatives> minedOfStage;

    /// <exception cref="DataException">A stage's tasks have no training queries, or no instructions although the stage asks for them.</exception>
    public BatchSampler(MbeirDataset data, int seed, IReadOnlyList<StagePlan> stages)
    {
        (this.data, this.seed, this.stages) = (data, seed, [.. stages]);
        orderOfStage = [.. stages.Select(stage => new QueryOrder(Queries(data, stage.Spec), stage, seed))];
        minedOfStage = ImmutableDictionary<int, MinedNegatives>.Empty;
    }

    private BatchSampler(BatchSampler other, ImmutableDictionary<int, MinedNegatives> mined) =>
        (data, seed, stages, orderOfStage, minedOfStage) = (other.data, other.seed, other.stages, other.orderOfStage, mined);

    /// <summary>The same, with the negatives that a stage's <see cref="StageSpec.MinedNegatives"/> are drawn from.</summary>
    public BatchSampler With(StagePlan stage, MinedNegatives mined) => new(this, minedOfStage.SetItem(stage.Index, mined));

    /// <param name="step">Counted over the whole run, from 1.</param>
    public GlobalBatch At(int step)
    {
        var stage = StageOf(step);
        var order = orderOfStage[stages.IndexOf(stage)];
        var size = stage.Spec.GlobalBatch;
        var first = (long)(step - stage.FirstStep) * size;
        ImmutableArray<BatchRow> rows = [.. Enumerable.Range(0, size).Select(row => RowAt(stage, order.At(first + row), step, row))];
        return new GlobalBatch(step, rows, Ledger(rows));
    }

    private StagePlan StageOf(int step)
    {
        var last = stages[^1];
        if (step < 1 || step >= last.FirstStep + last.Spec.Steps) throw new ArgumentOutOfRangeException(nameof(step), step, "no stage has this step");
        return stages.Last(stage => stage.FirstStep <= step);
    }

    private BatchRow RowAt(StagePlan stage, Query query, int step, int row)
    {
        var key = CounterRandom.Key(seed, stage.Index, step, row);
        var candidate = query.Positives[CounterRandom.Below(query.Positives.Length, key)];
        var instruction = stage.Spec.Instructions ? CounterRandom.Below(query.Instructions.Length, CounterRandom.Mix(key)) : -1;
        return new BatchRow(query, candidate, instruction, Negatives(stage, query, CounterRandom.Mix(~key)));
    }

    private ImmutableArray<int> Negatives(StagePlan stage, Query query, ulong key)
    {
        var named = Draw(query.HardNegatives, stage.Spec.HardNegatives, key);
        if (stage.Spec.MinedNegatives is not { } mining) return named;

        var mined = minedOfStage.TryGetValue(stage.Index, out var found)
            ? found.Of(query)
            : throw new InvalidOperationException($"The negatives of stage {stage.Spec.Name} have not been mined.");
        return [.. named.Union(Draw(mined, mining.PerQuery, CounterRandom.Mix(~key)))];
    }

    /// <summary>Without repetition; all of them where there are no more.</summary>
    private static ImmutableArray<int> Draw(ImmutableArray<int> from, int count, ulong key)
    {
        var drawn = Math.Min(count, from.Length);
        if (drawn == 0) return [];

        var order = new KeyedPermutation(from.Length, key);
        return [.. Enumerable.Range(0, drawn).Select(place => from[order[place]])];
    }

    private string Ledger(ImmutableArray<BatchRow> rows)
    {
        var ids = new StringBuilder();
        foreach (var row in rows)
        {
            ids.Append(row.Query.Id).Append('\t').Append(data.Candidates[row.Candidate].Did).Append('\t').Append(row.Instruction);
            foreach (var negative in row.HardNegatives) ids.Append('\t').Append(data.Candidates[negative].Did);
            ids.Append('\n');
        }

        return StableHash.Hex(Encoding.UTF8.GetBytes(ids.ToString()))[..LedgerDigits];
    }

    /// <summary>What a stage trains on, in the order of the set.</summary>
    /// <inheritdoc cref="BatchSampler(MbeirDataset, int, IReadOnlyList{StagePlan})"/>
    public static ImmutableArray<Query> Queries(MbeirDataset data, StageSpec stage)
    {
        ImmutableArray<Query> queries = [.. data.Queries(MbeirLayout.Train).Where(query => stage.Tasks.Contains(query.Task))];
        if (queries.IsEmpty)
        {
            throw new DataException($"{data.Root}: stage {stage.Name} has no training queries; its tasks are {string.Join(", ", stage.Tasks)}, the set has {string.Join(", ", data.Summary.TrainQueries.Keys)}.");
        }

        if (stage.Instructions && queries.FirstOrDefault(query => query.Instructions.IsEmpty) is { } bare)
        {
            throw new DataException($"{(data.IsPairs ? data.Root : data.Layout.Instructions)}: no instruction for query {bare.Id} of task {bare.Task}; add a line for its data set, or set instructions: false in stage {stage.Name}.");
        }

        foreach (var weight in stage.Weights ?? [])
        {
            if (!queries.Any(query => weight.Fits(query.Task, MbeirId.DataSet(query.Id))))
                throw new DataException($"{data.Root}: stage {stage.Name} weighs queries of {(weight.Task is { } task ? $"task {task} of " : "")}data set {weight.Dataset}, and has none; leave that entry out.");
        }
        return queries;
    }
}
