using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>
/// Queries on which the arms differ, over most seeds: as many that early fusion finds and another arm does not as the other way round, among
/// them by a hash of their ids. They show what the difference looks like; how often it occurs stands in the figures.
/// </summary>
internal static class StudyExamples
{
    private const int EachWay = 3;

    /// <summary>Of the seeds, by how many more one arm must have found it.</summary>
    private const double Clear = 0.6;

    public static ImmutableArray<RetrievalExample> Of(Study study, ImmutableArray<StudyRun> runs, TaskGroups groups, IItemCatalog catalog)
    {
        var arms = runs.Where(run => run.Course == study.Course && run.Run.Evaluated).GroupBy(run => run.Arm).ToList();
        if (arms.Count < 2 || arms.Find(arm => arm.First().Run.Fusion == Fusion.Early) is not { } early) return [];

        var shares = arms.ToDictionary(arm => arm.Key, arm => Found(arm, study, groups));
        var differences = shares[early.Key].ToDictionary(
            query => query.Key,
            query => arms.Where(arm => arm != early).Select(arm => query.Value - shares[arm.Key].GetValueOrDefault(query.Key)).ToList());
        var ahead = differences.Where(query => query.Value.TrueForAll(difference => difference >= Clear)).Select(query => query.Key);
        var behind = differences.Where(query => query.Value.TrueForAll(difference => difference <= -Clear)).Select(query => query.Key);
        var seed = runs.Where(run => run.Course == study.Course).GroupBy(run => run.Seed).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First();
        return [.. Chosen(ahead).Concat(Chosen(behind)).Select(query => ExamplePicker.Example(query, [.. seed.Select(run => run.Run)], catalog)).OfType<RetrievalExample>()];
    }

    /// <summary>By query: the share of seeds that found it, in the rows where fusion is claimed to help.</summary>
    private static Dictionary<string, double> Found(IEnumerable<StudyRun> arm, Study study, TaskGroups groups)
    {
        var seeds = arm.ToList();
        return seeds
            .SelectMany(run => run.Run.Outcomes)
            .Where(outcome => outcome.Split == study.Headline.Split && outcome.Pool == study.Pool && groups.Of(outcome.Task, outcome.Operation)?.Claim == GroupClaim.FusionHelps)
            .GroupBy(outcome => outcome.QueryId, StringComparer.Ordinal)
            .ToDictionary(
                query => query.Key,
                query => query.Sum(outcome => outcome.Ranks.First(ranks => ranks is { Inputs: "query", OwnImageInPool: false }).Recall(study.K)) / seeds.Count,
                StringComparer.Ordinal);
    }

    private static IEnumerable<string> Chosen(IEnumerable<string> queries) =>
        queries.OrderBy(query => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query))), StringComparer.Ordinal).Take(EachWay);
}
