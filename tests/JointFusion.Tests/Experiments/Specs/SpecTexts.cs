using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>A small valid spec, and short ways to break it.</summary>
internal static class SpecTexts
{
    /// <summary>Without a sweep. Line numbers matter to the tests that name them.</summary>
    public const string Valid =
        """
        name: small
        seed: 7
        data: { source: icons, image_size: 32 }
        retriever: { preset: nano, fusion: early }
        stages:
          - name: adaptation
            tasks: [0, 3]
            steps: 20
            global_batch: 32
            learning_rate: 1.0e-3
            warmup_steps: 5
          - { name: instruction, tasks: [7], instructions: true, steps: 40, global_batch: 32, learning_rate: 5.0e-4, schedule: constant }
        evaluation: { splits: [test, unseen], pools: [local] }
        checkpoints: { every_steps: 10, keep: 3 }
        resources: { workers: 2, device: cpu }
        """;

    /// <summary>The valid spec with one passage replaced; fails if the passage is not there.</summary>
    public static string With(string passage, string replacement) =>
        Valid.Contains(passage) ? Valid.Replace(passage, replacement) : throw new ArgumentException($"No '{passage}' in the spec.", nameof(passage));

    public static string WithGrid(string grid, string text = Valid) => $"{text}\nsweep: {{ grid: {{ {grid} }} }}";

    /// <summary>With the sweep in line 16.</summary>
    public static string WithSweep(string sweep, string text = Valid) => $"{text}\nsweep: {{ {sweep} }}";

    public static SpecResult Parse(string text) => SpecLoader.Parse(text, "small.yaml", Path.GetTempPath());

    public static ExperimentSpec Spec(string text)
    {
        var result = Parse(text);
        return result.Spec ?? throw new InvalidOperationException(string.Join('\n', result.Faults));
    }
}
