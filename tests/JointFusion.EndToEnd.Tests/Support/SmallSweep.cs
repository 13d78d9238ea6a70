using JointFusion.Experiments;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A spec with a sweep of small runs, in a folder of its own.</summary>
public sealed class SmallSweep
{
    public const int Steps = 24, LastOfAdaptation = 6;

    private readonly string dataRoot;

    /// <param name="sweep">What stands between the braces of its <c>sweep</c>.</param>
    public SmallSweep(string dataRoot, string sweep)
    {
        this.dataRoot = dataRoot;
        Folder = TestPaths.NewFolder("sweep");
        Spec = Path.Combine(Folder, "sweep.yaml");
        Write(sweep);
    }

    public string Folder { get; }
    public string Spec { get; }

    /// <summary>The one experiment folder that `jf run` made.</summary>
    public ExperimentFolder Result => new(Directory.GetDirectories(Path.Combine(Folder, "runs")).Single());

    public void Write(string sweep) => File.WriteAllText(Spec, $$"""
        name: sweep
        seed: 3
        data: { source: mbeir, root: {{dataRoot}}, image_size: 32 }
        retriever: { preset: nano, fusion: early }
        stages:
          - { name: adaptation, tasks: [0, 3], steps: {{LastOfAdaptation}}, global_batch: 16, learning_rate: 1.0e-3 }
          - { name: instruction, tasks: [0, 3, 7], instructions: true, steps: 18, global_batch: 16, learning_rate: 1.0e-3, warmup_steps: 3 }
        evaluation: { splits: [val], pools: [local] }
        checkpoints: { every_steps: 5 }
        resources: { workers: 1 }
        sweep: { {{sweep}} }
        """);

    public async Task<JfResult> RunAsync(params IEnumerable<string> more) => await JfProcess.RunAsync(Folder, ["run", Spec, .. more]);

    /// <summary>By name.</summary>
    public static IReadOnlyList<string> Runs(ExperimentFolder experiment) => [.. Directory.GetDirectories(experiment.Runs).Select(run => Path.GetFileName(run)).Order(StringComparer.Ordinal)];
}
