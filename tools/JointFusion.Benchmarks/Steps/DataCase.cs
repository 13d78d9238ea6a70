using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Benchmarks;

/// <summary>The tasks of a real data set, mixed, with instructions: items of any modality, texts of any length, read as a run reads them.</summary>
/// <param name="IsRead">Whether every picture has been decoded before, as in a run's second epoch and later ones.</param>
internal sealed record DataCase(string Folder, int Pixels, int PairsAWorker, Precision Precision, bool IsRead)
    : StepCase($"nano {Precision}, data of {Pixels} pixels{(IsRead ? "" : ", first epoch")}".ToLowerInvariant(), PairsAWorker)
{
    public override RetrieverPlan Plan => Run(workers: 1).Retriever;

    public override int ImageSize => Pixels;

    public override string? Root => Folder;

    /// <remarks>A first epoch would soon be over.</remarks>
    public override TimeSpan Warmup => IsRead ? base.Warmup : TimeSpan.Zero;

    public override double? FlopsAPair => null;

    public override IBatchSource Batches(int rank, int world)
    {
        var plan = Run(world);
        var data = RunData.Open(plan);
        if (IsRead)
            Read(data);
        return new BatchLoader(data.Set, data.Loader, new BatchSampler(data.Set, plan.Seed, plan.Stages), rank, world, firstStep: 1, plan.TotalSteps);
    }

    private static void Read(RunData data)
    {
        foreach (var items in data.Set.Queries("train").Select(query => ItemRef.Of(query, -1)).Concat(data.Set.Candidates.Select(ItemRef.Of)).Chunk(1024))
            data.Loader.Load(items);
    }

    private RunPlan Run(int workers)
    {
        var data = MbeirDataset.Open(Folder).Summary;
        var spec = new ExperimentSpec
        {
            Name = "benchmark",
            Data = new DataSpec { Source = DataSource.Mbeir, Root = Folder, ImageSize = Pixels },
            Retriever = new RetrieverSpec { Preset = Preset.Nano, Fusion = Fusion.Early, Precision = Precision },
            Stages = [new StageSpec { Name = "instruction", Tasks = [.. data.TrainQueries.Keys], Instructions = true, Steps = 1_000_000, GlobalBatch = workers * PairsAWorker, LearningRate = 1e-4 }],
            Evaluation = new EvaluationSpec { Splits = data.Splits },
            Resources = new ResourceSpec { Workers = workers },
        };
        var planned = ExperimentPlanner.Plan(spec, "early", data, cores: workers);
        return planned.Plan ?? throw new InvalidOperationException(string.Join('\n', planned.Faults));
    }
}
