using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>One run of two stages on the cards, its ranks threads of this process; stopped and gone on with as often as a test likes.</summary>
/// <param name="stageOptions">More keys of the second stage.</param>
/// <param name="runOptions">A further section.</param>
/// <param name="rate">Of both stages.</param>
internal sealed class RunInProcess(DataSummary data, int every = 1000, int steps = RunInProcess.Steps, string stageOptions = "", string runOptions = "", string rate = "1.0e-3") : IDisposable
{
    public const int Steps = 160;
    private const int AdaptationSteps = 40;

    private readonly TemporaryFolder root = new();
    private int generation;

    /// <summary>A further section, from the next attempt on.</summary>
    public string RunOptions { get; set; } = runOptions;

    /// <summary>resources.device, from the next attempt on.</summary>
    public string Device { get; set; } = "cpu";

    public string Precision { get; init; } = "fp32";

    /// <summary>The fusion and its options.</summary>
    public string Retriever { get; init; } = "fusion: early";

    /// <summary>What others of its sweep train alike.</summary>
    public ImmutableArray<SharedStage>? Shared { get; init; }

    public RunFolder Folder => new(root.Path);

    /// <summary>Of the latest attempt; null unless a rung ended it.</summary>
    public double? RungValue { get; private set; }

    /// <summary>metrics.jsonl as it is.</summary>
    public StepMetrics[] Metrics =>
        [.. File.ReadLines(Folder.Metrics).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!)];

    /// <summary>Of the latest attempt.</summary>
    public RecordedEvents Events { get; private set; } = new(_ => { });

    public double[] Losses => [.. Metrics.Select(step => step.Loss)];

    public byte[] FinalWeights => File.ReadAllBytes(Path.Combine(Folder.Checkpoint(steps), "weights.safetensors"));

    public byte[] FinalOptimizer => File.ReadAllBytes(Path.Combine(Folder.Checkpoint(steps), "optimizer.safetensors"));

    /// <summary>An attempt that goes on from the newest checkpoint.</summary>
    /// <param name="stopAfter">A step; null trains and evaluates to the end.</param>
    /// <param name="disk">Takes the checkpoints.</param>
    /// <param name="stepTaken">Called on rank 0, within the step.</param>
    /// <param name="journalled">Step of the checkpoint that a coordinator would have journalled by now.</param>
    /// <param name="around">What each rank trains over, made of the group that connects them.</param>
    /// <param name="sharded">Whether the optimizer's state is divided over the workers.</param>
    /// <param name="rung">Step at which it is measured and stops.</param>
    /// <param name="start">Checkpoint of another run to begin at.</param>
    /// <param name="isLetGo">Whether nobody will begin at this end of a common stage.</param>
    /// <param name="devices">Fewer than the plan's workers; null: as many.</param>
    public void Run(
        int workers, int? stopAfter = null, IDisk? disk = null, Action<int>? stepTaken = null, Func<int?>? journalled = null,
        Func<IProcessGroup, IProcessGroup>? around = null, bool sharded = false, int? devices = null, int? rung = null, (RunFolder, int)? start = null, Func<int, bool>? isLetGo = null)
    {
        var plan = Plan(workers, sharded) with { Shared = Shared };
        File.WriteAllText(Folder.Plan, JsonSerializer.Serialize(plan, JointFusionJson.File));
        generation++;
        var resumeFrom = new CheckpointCatalog(Folder).NewestWhole()?.Step;
        using var stop = new CancellationTokenSource();
        Events = new RecordedEvents(step =>
        {
            stepTaken?.Invoke(step);
            if (step == stopAfter) stop.Cancel();
        });
        RankThreads.Run(devices ?? workers, group =>
        {
            var connected = around?.Invoke(group) ?? group;
            var run = new TrainingRun(plan, Folder, generation, connected, new RunDataCache(), Events, disk: disk, journalled: journalled, rung: rung, start: start, isLetGo: isLetGo);
            run.Execute(resumeFrom, stop.Token);
            if (group.Rank == 0)
                RungValue = run.RungValue;
        });
    }

    public void Dispose() => root.Dispose();

    private RunPlan Plan(int workers, bool sharded)
    {
        var adaptation = Math.Min(AdaptationSteps, steps / 2);
        var spec = SpecLoader.Parse(
            $$"""
            name: cards
            seed: 5
            data: { source: mbeir, root: {{data.Root}}, image_size: 32 }
            retriever: { preset: nano, {{Retriever}}, precision: {{Precision}} }
            stages:
              - { name: adaptation, tasks: [0], steps: {{adaptation}}, global_batch: 17, learning_rate: {{rate}}, warmup_steps: 5 }
              - { name: instruction, tasks: [0, 3], instructions: true, steps: {{steps - adaptation}}, global_batch: 16, learning_rate: {{rate}}, warmup_steps: 5{{stageOptions}} }
            evaluation: { splits: [val], pools: [local] }
            checkpoints: { every_steps: {{every}}, keep: 2 }
            resources: { workers: {{workers}}, device: {{Device}}{{(sharded ? ", shard_optimizer: true" : "")}} }
            {{RunOptions}}
            """,
            "cards.yaml",
            data.Root);
        var plan = ExperimentPlanner.Plan(spec.Spec ?? throw new InvalidOperationException(string.Join('\n', spec.Faults)), "early", data, cores: workers);
        return plan.Plan ?? throw new InvalidOperationException(string.Join('\n', plan.Faults));
    }
}
