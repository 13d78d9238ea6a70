using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A spec over the tiny set in a folder of its own, and what a run of it leaves.</summary>
public sealed class SmallExperiment
{
    public const int Steps = 60;

    /// <summary>The last of the first stage.</summary>
    public const int LastOfAdaptation = 12;

    private readonly IReadOnlyDictionary<string, string> environment;

    /// <param name="mirror">Where its checkpoints are copied to; null: nowhere.</param>
    /// <param name="environment">Of its processes, beside this one's.</param>
    /// <param name="mining">The second stage mines a negative for each query when it begins.</param>
    /// <param name="steps">Of both stages.</param>
    /// <param name="seeds">A run for each fusion and seed; null: one of each fusion.</param>
    public SmallExperiment(
        string dataRoot, int workers, string fusions, string? mirror = null, IReadOnlyDictionary<string, string>? environment = null, bool mining = false, IReadOnlyCollection<int>? seeds = null,
        int steps = Steps)
    {
        this.environment = environment ?? ImmutableDictionary<string, string>.Empty;
        var mined = mining ? "mined_negatives: { per_query: 1, from_top: 400, below_positive: 1 }, " : "";
        Folder = TestPaths.NewFolder("run");
        Spec = Path.Combine(Folder, "small.yaml");
        File.WriteAllText(Spec, $$"""
            name: small
            seed: 3
            data: { source: mbeir, root: {{dataRoot}}, image_size: 32 }
            retriever: { preset: nano, fusion: early }
            stages:
              - { name: adaptation, tasks: [0, 3], steps: {{LastOfAdaptation}}, global_batch: 17, loss: sigmoid, learning_rate: 1.0e-3, warmup_steps: 3 }
              - { name: instruction, tasks: [0, 3, 7], instructions: true, steps: {{steps - LastOfAdaptation}}, global_batch: 16, sub_batch: 4, hard_negatives: 1, {{mined}}symmetric: true, learning_rate: 1.0e-3, warmup_steps: 3 }
            evaluation: { splits: [val], pools: [local, global] }
            checkpoints: { every_steps: 5, keep: 2{{(mirror is null ? "" : $", mirror: \"{mirror}\"")}} }
            resources: { workers: {{workers}}, device: cpu, chunk_size: 7 }
            sweep: { grid: { retriever.fusion: [{{fusions}}]{{(seeds is null ? "" : $", seed: [{string.Join(", ", seeds)}]")}} } }
            """);
    }

    public string Folder { get; }
    public string Spec { get; }

    /// <summary>The one experiment folder that `jf run` made.</summary>
    public ExperimentFolder Result => new(Directory.GetDirectories(Path.Combine(Folder, "runs")).Single());

    public JfProcess Start(params IEnumerable<string> more) => JfProcess.Start(Folder, environment, ["run", Spec, .. more]);

    public async Task<JfResult> RunAsync()
    {
        await using var jf = Start();
        return await jf.EndAsync();
    }

    public IReadOnlyList<StepMetrics> Metrics(string run = "early") => MetricsOf(Result.Run(run));

    public static IReadOnlyList<StepMetrics> MetricsOf(RunFolder run) =>
        [.. File.ReadLines(run.Metrics).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!)];

    /// <summary>Returns once the run has taken so many steps.</summary>
    public async Task StepTakenAsync(int step, string run = "early")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!HasStep(run, step))
            await Task.Delay(50, limit.Token);
    }

    /// <summary>Process ids of the workers of a jf process.</summary>
    public static IReadOnlyList<int> Workers(int pid) =>
        [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.GetDirectories($"/proc/{pid}/task").SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Distinct()
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))
            .Where(child => File.ReadAllText($"/proc/{child}/cmdline").Contains("worker", StringComparison.Ordinal))];

    public static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private bool HasStep(string run, int step)
    {
        var runs = Path.Combine(Folder, "runs");
        if (!Directory.Exists(runs) || Directory.GetDirectories(runs) is not [var experiment])
            return false;
        var metrics = new ExperimentFolder(experiment).Run(run).Metrics;
        return File.Exists(metrics) && File.ReadLines(metrics).Count() >= step;
    }
}
