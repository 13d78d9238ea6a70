using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A nano retriever after a few steps, saved in a run's folder, beside a data set that is hardly more than its vocabulary.</summary>
internal sealed class TrainedRun : IDisposable
{
    public const int Steps = 3;
    private readonly TemporaryFolder root = new();

    public TrainedRun(Fusion fusion, string options = "")
    {
        WriteData();
        var set = MbeirDataset.Open(Data);
        Plan = PlanOf(fusion, options, new DataSummary(Data, set.ManifestHash, set.Tokenizer.VocabularySize,
            ImmutableSortedDictionary<int, int>.Empty.Add(0, 64), ImmutableSortedDictionary<int, int>.Empty, ["test"]));
        var alone = LocalProcessGroup.Create(1)[0];
        State = new TrainingState(Plan, CPU, alone);
        Train();
        using var checkpoints = new RunCheckpoints(Plan, Folder, generation: 1, alone, new Unheard());
        checkpoints.Save(State, Plan.Stages[0]);
        checkpoints.Flush();
    }

    public RunPlan Plan { get; }
    public TrainingState State { get; }
    public RunFolder Folder => new(root["run"]);
    public string Data => root["data"];
    public string Target => root["exported"];

    public ExportConfig Export(RunPlan? plan = null, IDisk? disk = null) => new RetrieverExporter(plan ?? Plan, Folder, disk).Export(Steps, Target);

    /// <summary>Whatever an export has left behind.</summary>
    public string[] Left() => [.. Directory.GetDirectories(root.Path).Where(path => path != Folder.Path && path != Data)];

    public void DeleteRunAndData()
    {
        Directory.Delete(Folder.Path, recursive: true);
        Directory.Delete(Data, recursive: true);
    }

    public void Dispose()
    {
        State.Dispose();
        root.Dispose();
    }

    /// <summary>Each query's positive is the item at its place: enough to move every parameter, the temperature too.</summary>
    private void Train()
    {
        using var scope = NewDisposeScope();
        for (var step = 1; step <= Steps; step++)
        {
            State.Parameters.ZeroGradients();
            var queries_NE = State.Retriever.call(TestItems.Mixed(12, seed: step));
            var candidates_NE = State.Retriever.call(TestItems.Mixed(12, seed: -step));
            var scores_NN = queries_NE.matmul(candidates_NE.t()) / State.Retriever.LogTemperature.exp();
            nn.functional.cross_entropy(scores_NN, arange(12)).backward();
            State.Optimizer.Step(1e-2, new StepClock());
            State.Retriever.ClampTemperature();
            State.Step = step;
        }
    }

    private static RunPlan PlanOf(Fusion fusion, string options, DataSummary data)
    {
        var spec = SpecLoader.Parse(
            $$"""
            name: exported
            seed: 5
            data: { source: mbeir, root: {{data.Root}}, image_size: 32 }
            retriever: { preset: nano, fusion: {{fusion.ToString().ToLowerInvariant()}}{{options}} }
            stages:
              - { name: adaptation, tasks: [0], steps: 3, global_batch: 12, learning_rate: 1.0e-2 }
            evaluation: { splits: [test], pools: [local] }
            """,
            "exported.yaml",
            data.Root);
        var plan = ExperimentPlanner.Plan(spec.Spec ?? throw new InvalidOperationException(string.Join('\n', spec.Faults)), "only", data, cores: 1);
        return plan.Plan ?? throw new InvalidOperationException(string.Join('\n', plan.Faults));
    }

    /// <summary>One candidate, and a vocabulary of letters, digits and the space with a few pairs: the ids of <see cref="TestItems"/> are in it.</summary>
    private void WriteData()
    {
        string[] letters = [.. Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString())];
        string[] digits = [.. Enumerable.Range('0', 10).Select(digit => ((char)digit).ToString())];
        string[] pairs = [.. letters.Take(TestItems.Vocabulary - 37).Select(letter => $"{letter} {letter}")];
        string[] entries = [.. letters, .. digits, "\u0120", .. pairs.Select(pair => pair.Replace(" ", ""))];
        Directory.CreateDirectory(Path.Combine(Data, "cand_pool", "local"));
        Directory.CreateDirectory(Path.Combine(Data, "instructions"));
        File.WriteAllText(Path.Combine(Data, "vocabulary.json"), JsonSerializer.Serialize(new { Entries = entries, Merges = pairs }, JointFusionJson.File));
        File.WriteAllText(Path.Combine(Data, "cand_pool", "local", "mbeir_letters_task0_cand_pool.jsonl"),
            """{"did":"12:1","txt":"a letter","img_path":null,"modality":"text"}""" + "\n");
        File.WriteAllText(Path.Combine(Data, "instructions", "query_instructions.tsv"),
            "query_modality\tcand_modality\tdataset_name\tdataset_id\tprompt_1\ntext\ttext\tletters\t12\tFind it.\n");
    }

    private sealed class Unheard : IRunEvents
    {
        public void Phase(RunPhase phase, string detail)
        {
        }

        public void Step(StepMetrics metrics)
        {
        }

        public void Checkpoint(int step)
        {
        }

        public void Warning(string message)
        {
        }
    }
}
