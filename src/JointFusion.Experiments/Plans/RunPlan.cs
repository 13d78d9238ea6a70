using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>One run with every derived value resolved; plan.json in the run's folder. Workers read this and nothing else.</summary>
public sealed record RunPlan
{
    public int Schema { get; init; } = 1;
    public required string Experiment { get; init; }

    /// <summary>Unique within the experiment, such as <c>early</c> or <c>score-seed8</c>; the name of the run's folder.</summary>
    public required string Run { get; init; }

    public required int Seed { get; init; }
    public required DataPlan Data { get; init; }
    public required RetrieverPlan Retriever { get; init; }
    public required ImmutableArray<StagePlan> Stages { get; init; }
    public required EvaluationSpec Evaluation { get; init; }
    public required CheckpointSpec Checkpoints { get; init; }
    public HealthSpec Health { get; init; } = new();
    public required ResourcePlan Resources { get; init; }
    public required PlanEstimates Estimates { get; init; }

    /// <summary>Null: it is part of none. Decides how long it trains, never what a step computes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SweepPlan? Sweep { get; init; }

    /// <summary>Stages that other runs of its sweep train exactly alike, the first of them first; null: none. Its checkpoints of their ends are kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<SharedStage>? Shared { get; init; }

    /// <summary>Null: it begins from its seed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ForkPlan? Fork { get; init; }

    /// <summary>Hash of what decides the result: seed, data manifest, retriever, stages, evaluation. Not of resources, paths, retention.</summary>
    public required string ScienceHash { get; init; }

    /// <summary>Hash of the science, workers, threads and device: runs of one plan hash are bitwise equal, but for elastic ones, whose attempts differ in workers and so in last digits.</summary>
    public required string PlanHash { get; init; }

    public int TotalSteps => Stages[^1].FirstStep + Stages[^1].Spec.Steps - 1;

    /// <summary>The stage that a step (from 1, counted over the whole run) belongs to.</summary>
    public StagePlan StageOf(int step) => Stages.Last(stage => stage.FirstStep <= step);
}

/// <param name="Source">icons, emoji, mbeir or pairs.</param>
/// <param name="Root">Absolute folder in M-BEIR layout, or of pair files.</param>
/// <param name="ManifestHash">Identity of the data, from its manifest.</param>
/// <param name="ImageSize">Pixels a side after resizing; 0 where a backbone says how.</param>
/// <param name="VocabularySize">Entries of the tokenizer: of the one beside the data, specials included, or of the backbone's table.</param>
/// <param name="TrainQueries">Training queries of each task id.</param>
public sealed record DataPlan(
    DataSource Source, string Root, string ManifestHash, int ImageSize, int VocabularySize, ImmutableSortedDictionary<int, int> TrainQueries);

/// <param name="Parameters">Scalars, the temperature and the logit bias included.</param>
/// <param name="FlopsPerPair">Forward and backward of one image+text query and one image candidate at the nominal lengths.</param>
/// <param name="TemperatureFixed">Whether the temperature stays what it is.</param>
/// <param name="LogitBias">Start of the learnable bias; null where no stage has a loss with one: the retriever has none then.</param>
/// <param name="Precision">Of the encoders' products; weights are fp32 either way.</param>
/// <param name="Preset">Null where there is a backbone.</param>
/// <param name="Backbone">The published model; null: trained from scratch.</param>
/// <param name="Trainable">The most that a stage trains; null: all.</param>
public sealed record RetrieverPlan(
    Preset? Preset,
    Matching? Matching,
    double Temperature,
    double MinimumTemperature,
    PixelScale Pixels,
    RetrieverShape Shape,
    long Parameters,
    double FlopsPerPair,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool TemperatureFixed = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double? LogitBias = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Precision Precision = Precision.Fp32,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] BackbonePlan? Backbone = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long? Trainable = null);

/// <summary>A published model, and how it is asked.</summary>
/// <param name="Folder">Absolute; outside every hash.</param>
/// <param name="ContentHash">Of config, weights, tokenizer and image processor.</param>
/// <param name="Pooling">Null where it has an embedding of its own.</param>
/// <param name="Causal">Of its sequence; null where it has two towers.</param>
/// <param name="ImageMode">How pictures are made what its processor makes of them.</param>
/// <param name="TrainsWeights">In bf16 alone: whether its weights are trained themselves, and so kept in fp32.</param>
public sealed record BackbonePlan(
    string Folder,
    string ContentHash,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Pooling? Pooling = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? PoolingToken = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] PromptTemplates? Prompt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool? Causal = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? MaxPixels = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LowRankAdapters? Lora = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImageMode ImageMode = ImageMode.Exact,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool TrainsWeights = false);

/// <summary>Encoders see (pixel - Mean) / Std, with pixels from 0 (black) to 1 (white).</summary>
public sealed record PixelScale(double Mean, double Std)
{
    /// <summary>As they are.</summary>
    public static PixelScale Unit { get; } = new(0, 1);
}

/// <param name="Index">From 0.</param>
/// <param name="FirstStep">From 1, counted over the whole run.</param>
/// <param name="LineageHash">Hash of everything up to and including this stage; equal lineages have equal weights at the stage's end.</param>
/// <param name="Groups">Parameters that are trained alike; null: all are, but for decay.</param>
/// <param name="Adapters">With which it trains: its own, or those of the stages before; null: none.</param>
/// <param name="MergesFirst">Whether the adapters before it are merged into the weights when it begins.</param>
/// <param name="KeepsVision">Whether nothing of a backbone's tower of pictures is trained, so that no gradient goes through it.</param>
public sealed record StagePlan(
    int Index, int FirstStep, StageSpec Spec, string LineageHash,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<ParameterGroupPlan>? Groups = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LowRankAdapters? Adapters = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool MergesFirst = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool KeepsVision = false);

/// <param name="Workers">Most that an attempt has.</param>
/// <param name="ThreadsPerWorker">Cores of the machine that planned it divided by the most workers, at least 1: the same for every attempt there. Elsewhere a node's agent says.</param>
/// <param name="ChunkSize">Items that a worker encodes at once; null: all of its share.</param>
/// <param name="Transport">Between the workers; shared memory only on one machine.</param>
/// <param name="ShardOptimizer">Whether each worker keeps the optimizer's state of its part of the parameters alone.</param>
/// <param name="Recompute">Whether a backbone's layers are computed twice, for less memory.</param>
/// <param name="Priority">In a cluster: higher ones are placed first.</param>
/// <param name="Labels">In a cluster: of the nodes that may have its workers; null: any.</param>
/// <param name="MinWorkers">Fewest that an attempt has; null: it has all.</param>
public sealed record ResourcePlan(
    int Workers, int ThreadsPerWorker, Device Device, int? ChunkSize = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Transport Transport = Transport.SharedMemory,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ShardOptimizer = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Priority = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableSortedDictionary<string, string>? Labels = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Recompute = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? MinWorkers = null)
{
    /// <summary>Of an attempt.</summary>
    [JsonIgnore]
    public int FewestWorkers => MinWorkers ?? Workers;
}

/// <param name="WorkerMemoryBytes">Weights, gradients, optimizer and activations of one worker.</param>
/// <param name="TrainingFlops">Of the whole run.</param>
public sealed record PlanEstimates(long WorkerMemoryBytes, double TrainingFlops);
