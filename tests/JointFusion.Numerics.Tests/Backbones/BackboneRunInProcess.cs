using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>A run of two stages over a tiny published model, its ranks threads of this process; stopped and gone on with as often as a test likes.</summary>
/// <param name="set">Of the goldens.</param>
/// <param name="retriever">Further keys of the retriever.</param>
/// <param name="adapt">Further keys of the first stage, each followed by a comma.</param>
/// <param name="instruct">Likewise of the second.</param>
internal sealed class BackboneRunInProcess(
    CardSet cards, string set, string fusion = "early", string retriever = "", string adapt = BackboneRunInProcess.First, string instruct = BackboneRunInProcess.Second,
    string resources = "chunk_size: 3", int workers = 2) : IDisposable
{
    public const string First = "lora: { rank: 2, alpha: 4, targets: [q_proj, v_proj] }, ", Second = "lora: { rank: 3, alpha: 3, targets: [q_proj, down_proj] }, ";

    public const int FirstSteps = 4, Steps = 8;

    private readonly TemporaryFolder root = new();
    private RunPlan? plan;
    private int generation;

    public RunFolder Folder => new(root["run"]);

    public string Backbone => root["model"];

    public string Exported => root["exported"];

    public RunPlan Plan => plan ??= MakePlan();

    public StepMetrics[] Metrics => [.. File.ReadLines(Folder.Metrics).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!)];

    public string Weights(int step) => Path.Combine(Folder.Checkpoint(step), "weights.safetensors");

    public byte[] FinalWeights => File.ReadAllBytes(Weights(Steps));

    public byte[] FinalOptimizer => File.ReadAllBytes(Path.Combine(Folder.Checkpoint(Steps), "optimizer.safetensors"));

    public CheckpointManifest Manifest(int step) => new CheckpointCatalog(Folder).ReadWhole(step, Plan.ScienceHash);

    /// <summary>An attempt that goes on from the newest checkpoint.</summary>
    /// <param name="stopAfter">A step; null trains and evaluates to the end.</param>
    public BackboneRunInProcess Run(int? stopAfter = null)
    {
        Directory.CreateDirectory(Folder.Path);
        File.WriteAllText(Folder.Plan, JsonSerializer.Serialize(Plan, JointFusionJson.File));
        var read = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(Folder.Plan), JointFusionJson.File)!; // as a worker has it
        generation++;
        var resumeFrom = new CheckpointCatalog(Folder).NewestWhole()?.Step;
        using var stop = new CancellationTokenSource();
        var events = new RecordedEvents(step =>
        {
            if (step == stopAfter) stop.Cancel();
        });
        RankThreads.Run(workers, group => new TrainingRun(read, Folder, generation, group, new RunDataCache(), events).Execute(resumeFrom, stop.Token));
        return this;
    }

    /// <summary>The state of the last checkpoint.</summary>
    public TrainingState Restored()
    {
        var alone = LocalProcessGroup.Create(1)[0];
        var state = new TrainingState(Plan, TorchSharp.torch.CPU, alone);
        using var checkpoints = new RunCheckpoints(Plan, Folder, generation + 1, alone, new RecordedEvents(_ => { }));
        checkpoints.Restore(state, Steps);
        return state;
    }

    public void Dispose() => root.Dispose();

    private RunPlan MakePlan()
    {
        TinyBackbone.Create(set, Backbone);
        var spec = SpecLoader.Parse(
            $$"""
            name: cards
            seed: 5
            data: { source: mbeir, root: {{cards.Root}} }
            retriever: { backbone: {{Backbone}}, {{TinyBackbone.Prompt(set)}}fusion: {{fusion}}{{retriever}} }
            stages:
              - { name: adapt, {{adapt}}tasks: [0], steps: {{FirstSteps}}, global_batch: 5, learning_rate: 1.0e-2 }
              - { name: instruct, {{instruct}}tasks: [0, 3], instructions: true, steps: {{Steps - FirstSteps}}, global_batch: 4, learning_rate: 1.0e-2, warmup_steps: 1 }
            evaluation: { splits: [val], pools: [local] }
            checkpoints: { every_steps: 2, keep: 9 }
            resources: { workers: {{workers}}, {{resources}} }
            """,
            "cards.yaml",
            cards.Root);
        var valid = spec.Spec ?? throw new InvalidOperationException(string.Join('\n', spec.Faults));
        var made = ExperimentPlanner.Plan(valid, "run", cards.Summary, cores: workers, BackboneItems.Summarize(valid.Retriever));
        return made.Plan ?? throw new InvalidOperationException(string.Join('\n', made.Faults));
    }
}
