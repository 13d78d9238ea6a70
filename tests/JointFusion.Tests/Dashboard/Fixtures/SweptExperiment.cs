using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>Early and score fusion with two seeds each, as a sweep names them.</summary>
internal static class SweptExperiment
{
    public const string Yaml = """
        name: fusions
        data: { source: icons }
        retriever: { preset: nano, fusion: early }
        stages:
          - { name: adaptation, tasks: [0, 3], steps: 10, global_batch: 16, learning_rate: 1.0e-3 }
        evaluation: { splits: [test] }
        sweep: { grid: { retriever.fusion: [early, score], seed: [7, 8] } }

        """;

    public static FixtureRun[] Runs() =>
    [
        .. from sample in SampleExperiment.Runs().Where(run => run.Fusion != Fusion.Feature)
           from seed in (int[])[7, 8]
           select sample with { Name = $"{sample.Name}-seed{seed}", Seed = seed, Splits = ["test"], Steps = 60, Queries = [.. sample.Queries.Select((query, i) => seed == 8 && i % 5 == 0 ? query with { Rank = null } : query)] },
    ];

    public static void WriteSpec(ExperimentFolder folder) => File.WriteAllText(folder.Spec, Yaml);
}
