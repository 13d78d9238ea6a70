using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>Three retrievers with outcomes drawn from a fixed seed, large enough to fill every part of the report.</summary>
internal static class SampleExperiment
{
    private static readonly (int Task, string Operation, double Early, double Score, double Feature)[] Skills =
    [
        (0, "caption", .30, .38, .36), (3, "caption", .33, .37, .35), (6, "describe", .45, .38, .42),
        (7, "add", .62, .58, .60), (7, "remove", .60, .46, .52), (7, "swap-base", .22, .27, .21), (7, "swap-mark", .52, .44, .47),
        (7, "toggle", .66, .05, .48), (8, "redrawn", .76, .66, .70),
    ];

    public static FixtureRun[] Runs() => [Run("early", Fusion.Early, s => s.Early), Run("score", Fusion.Score, s => s.Score), Run("feature", Fusion.Feature, s => s.Feature)];

    private static FixtureRun Run(string name, Fusion fusion, Func<(int, string, double Early, double Score, double Feature), double> skill)
    {
        var random = new Random(11 + (int)fusion);
        var queries = Skills.SelectMany(s => Enumerable.Range(0, 60).Select(i => new FixtureQuery(
            $"{s.Operation}-{s.Task}-{i}", s.Task, s.Operation, $"concept-{i / 3}", Rank(random, skill(s)))
        {
            RankByImage = Rank(random, skill(s) * 0.5),
            RankByText = Rank(random, skill(s) * 0.3),
            RankByPixels = Rank(new Random(i), 0.2),
        }));
        return new FixtureRun(name, fusion) { Experiment = "quickstart", Splits = ["test", "unseen"], Steps = 360, Queries = [.. queries.ToImmutableArray()] };
    }

    private static int? Rank(Random random, double skill) => random.NextDouble() < skill ? 1 + random.Next(5) : random.NextDouble() < 0.3 ? 6 + random.Next(5) : null;
}
