using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>What a drill trains: one run of two workers whose checkpoints are dense, so that each fault has one to go back to.</summary>
internal static class DrillExperiment
{
    /// <summary>Name of its one run.</summary>
    public const string Run = "early";

    public const int Workers = 2;

    public const string Yaml = """
        name: drill
        seed: 11
        data: { source: icons, image_size: 32 }
        retriever: { preset: nano, fusion: early }
        stages:
          - { name: adaptation, tasks: [0, 3], steps: 60, global_batch: 32, learning_rate: 1.0e-3, warmup_steps: 5 }
          - { name: instruction, tasks: [0, 3, 7], instructions: true, steps: 340, global_batch: 32, sub_batch: 16, learning_rate: 1.0e-3, warmup_steps: 5 }
        evaluation: { splits: [val], pools: [local] }
        checkpoints: { every_steps: 10, keep: 2 }
        resources: { workers: 2, device: cpu }
        """;

    /// <summary>At which faults strike: past the first stage, with most steps still to come.</summary>
    public const int StrikeStep = 75;

    public static ExperimentSpec Spec { get; } = SpecLoader.Parse(Yaml, "drill.yaml", Environment.CurrentDirectory).Spec!;
}
