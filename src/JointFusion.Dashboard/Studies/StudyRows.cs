using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The rows of a study that are in a group, and what two kinds of run score on them.</summary>
internal sealed class StudyRows
{
    private readonly PoolKind pool;
    private readonly int k;

    public StudyRows(ImmutableArray<StudyRun> runs, TaskGroups groups, PoolKind pool, int k)
    {
        (this.pool, this.k) = (pool, k);
        var rows = runs.SelectMany(run => run.Run.Rows).Where(row => row.Pool == pool && row.Inputs == "query" && row.Operation != Operations.All && row.Fusion != ExperimentResults.Pixels).ToList();
        var leftOut = rows.Where(row => !row.OwnImageInPool).Select(row => row.Task).ToHashSet();
        All =
        [
            .. from row in rows.Select(row => (row.Task, row.Operation)).Distinct().Order()
               let @group = groups.Of(row.Task, row.Operation)
               where @group is not null
               select new StudyRow(@group, row.Task, row.Operation, leftOut.Contains(row.Task)),
        ];
    }

    public ImmutableArray<StudyRow> All { get; }

    /// <summary>Differences and both means over pairs of runs of one seed each; null where the condition has no such query.</summary>
    /// <exception cref="InvalidDataException">Two runs hold different queries.</exception>
    public StudyPair? Pair(StudyRow row, StudyCondition condition, IReadOnlyList<(StudyRun Left, StudyRun Right)> pairs)
    {
        var key = condition.Key(row.Task, row.Operation, row.HasOwnImage, pool, k);
        var (concepts, differences) = (ImmutableArray<string>.Empty, ImmutableArray.CreateBuilder<ImmutableArray<double>>(pairs.Count));
        var (left, right) = (0.0, 0.0);
        string[]? queries = null;
        foreach (var pair in pairs)
        {
            var (ours, theirs) = (pair.Left.Outcomes.Scores(key), pair.Right.Outcomes.Scores(key));
            if (ours.IsEmpty && theirs.IsEmpty) return null;
            queries ??= [.. ours.Select(score => score.QueryId)];
            if (!queries.SequenceEqual(ours.Select(score => score.QueryId)) || !queries.SequenceEqual(theirs.Select(score => score.QueryId)))
                throw new InvalidDataException($"{pair.Left.Run.Name} and {pair.Right.Run.Name}: outcomes.jsonl hold different queries of task {row.Task} {row.Operation}.");
            concepts = [.. ours.Select(score => score.Concept)];
            differences.Add([.. ours.Zip(theirs, (one, other) => one.Value - other.Value)]);
            left += ours.Average(score => score.Value) / pairs.Count;
            right += theirs.Average(score => score.Value) / pairs.Count;
        }

        return new StudyPair(row, new PairedRow(concepts, differences.DrainToImmutable()), left, right);
    }
}

/// <param name="HasOwnImage">Whether leaving the query's own picture out makes a difference.</param>
internal sealed record StudyRow(TaskGroup Group, int Task, string Operation, bool HasOwnImage);

internal sealed record StudyPair(StudyRow Row, PairedRow Differences, double Left, double Right);
