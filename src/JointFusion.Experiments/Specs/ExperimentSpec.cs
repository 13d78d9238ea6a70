using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>One experiment as its user wrote it, checked but with nothing derived. Loaded by <c>SpecLoader</c>.</summary>
public sealed record ExperimentSpec
{
    /// <summary>Name of the experiment and of its run folder: lower-case letters, digits, '-', '_' and '.'.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of weights, batches and instructions. Default 0.</summary>
    public int Seed { get; init; }

    public required DataSpec Data { get; init; }
    public required RetrieverSpec Retriever { get; init; }

    /// <summary>Trained in order on the same weights; each with a fresh optimizer. At least one.</summary>
    public required ImmutableArray<StageSpec> Stages { get; init; }

    public EvaluationSpec Evaluation { get; init; } = new();
    public CheckpointSpec Checkpoints { get; init; } = new();
    public HealthSpec Health { get; init; } = new();
    public ResourceSpec Resources { get; init; } = new();

    /// <summary>Null: the spec is one run.</summary>
    public SweepSpec? Sweep { get; init; }
}

/// <summary>Which data set, and at which picture size.</summary>
public sealed record DataSpec
{
    public required DataSource Source { get; init; }

    /// <summary>Folder in M-BEIR layout, required by <c>mbeir</c>, or of pair files, required by <c>pairs</c>; refused by the others. Relative to the spec's folder.</summary>
    public string? Root { get; init; }

    /// <summary>Pictures are resized to this many pixels a side; a multiple of the preset's patch size. An error with a backbone, which brings its own. Default 32.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Mean of the pixels, 0 black to 1 white: encoders see (pixel - mean) / std. An error with a backbone. Default 0.5.</summary>
    public double? ImageMean { get; init; }

    /// <summary>Standard deviation of the pixels. An error with a backbone. Default 0.5.</summary>
    public double? ImageStd { get; init; }

    internal const int DefaultImageSize = 32;

    internal const double DefaultPixel = 0.5;
}

/// <summary>What is measured once training is over.</summary>
public sealed record EvaluationSpec
{
    /// <summary>Splits of the data set: val, test, and unseen where the data set has one. Default test.</summary>
    public ImmutableArray<string> Splits { get; init; } = ["test"];

    /// <summary>local: the task's own candidates; global: all candidates. Default both.</summary>
    public ImmutableArray<PoolKind> Pools { get; init; } = [PoolKind.Local, PoolKind.Global];
}

/// <summary>When checkpoints are taken, and how many are kept.</summary>
public sealed record CheckpointSpec
{
    /// <summary>A checkpoint every so many steps, and one at each stage's end. Default 100.</summary>
    public int EverySteps { get; init; } = 100;

    /// <summary>The newest so many are kept. At least 2, so that a torn one never is the last. Default 2.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Beside these, of each stage the so many with the lowest training loss, as the mean since the checkpoint before. Default 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int KeepBest { get; init; }

    /// <summary>And each whose step is a multiple of this; a multiple of every_steps. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? KeepEvery { get; init; }

    /// <summary>
    /// Copies them, and what is needed to go on elsewhere, behind training to S3-compatible storage: s3://bucket/some/prefix. Keeps there what
    /// these options keep. Credentials, region and endpoint are the environment's (AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT_URL, profiles).
    /// Default: none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Mirror { get; init; }
}

/// <summary>When training counts as gone wrong. It warns; it ends the run only if asked to, and never changes a step.</summary>
public sealed record HealthSpec
{
    /// <summary>collapse: all embeddings come to be the same; divergence: the loss gives back what it had gained. Default: neither ends the run.</summary>
    public ImmutableArray<HealthFault> StopOn { get; init; } = [];

    /// <summary>Embeddings count as collapsed below this spread, 1 - |mean embedding|^2 over a batch's queries or its candidates, once the warm-up is over. Default 0.01.</summary>
    public double CollapseBelow { get; init; } = 0.01;

    /// <summary>So many steps in a row. Default 20.</summary>
    public int Patience { get; init; } = 20;
}

/// <summary>Where it runs. Never changes the science.</summary>
public sealed record ResourceSpec
{
    /// <summary>
    /// Worker processes, one a device: a number, or in a cluster <c>{ min: 2, max: 8 }</c>, as many of these as there are. The science is the same at any
    /// number, losses differ by rounding. Default 1.
    /// </summary>
    public WorkerCount Workers { get; init; } = 1;

    public Device Device { get; init; } = Device.Cpu;

    /// <summary>
    /// Items (queries and candidates) that a worker encodes at once; the step's embeddings are then made chunk by chunk, and again for their
    /// gradients (GradCache), so that memory does not grow with the global batch. Default: all at once.
    /// </summary>
    public int? ChunkSize { get; init; }

    /// <summary>
    /// Of each layer of a backbone only the input is kept for its gradient, and the rest computed twice: less memory for about a third more
    /// time. The sums are the same but for rounding. Default false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recompute { get; init; }

    /// <summary>
    /// How workers exchange gradients and embeddings. shared_memory and tcp, whose sums are bitwise the same, are for the workers of one
    /// machine; between machines both are tcp. nccl, with sums of its own order, is for workers with a GPU each. Default shared_memory.
    /// </summary>
    public Transport Transport { get; init; }

    /// <summary>
    /// Each worker keeps the optimizer's two moments of its part of the parameters alone, sums and updates that part, and gathers the rest (the
    /// first stage of ZeRO): 8 bytes a parameter are divided by the workers. The sums are the same, what is clipped differs by rounding. Default
    /// false: each keeps all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ShardOptimizer { get; init; }

    /// <summary>In a cluster: runs of a higher one are placed first, and make running ones of a lower one give up their slots at a checkpoint. Default 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Priority { get; init; }

    /// <summary>In a cluster: only nodes that carry all these labels get the run's workers, such as <c>{ gpu: h100 }</c>. Default: any node.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableSortedDictionary<string, string>? Labels { get; init; }
}

/// <summary>
/// icons, emoji: sets that are built here, into a cache of their own; mbeir: a folder in M-BEIR layout; pairs: a folder of train.jsonl and others, a line
/// {"query": {"text", "image"}, "target": {"text", "image"}} for each pair.
/// </summary>
public enum DataSource { Icons, Emoji, Mbeir, Pairs }

public static class DataSources
{
    /// <summary>Whether it is built here; the others are folders that a spec names.</summary>
    public static bool IsBuilt(this DataSource source) => source is DataSource.Icons or DataSource.Emoji;
}

public enum Preset { Nano, Tiny, Small }

/// <summary>
/// early: one tower over patches and tokens together; score: two towers, embeddings summed; feature: two towers and a fusion transformer; isolated:
/// the early tower, in which patches and tokens do not see each other, and the embeddings of both summed: early but for its fusion.
/// </summary>
public enum Fusion { Early, Score, Feature, Isolated }

/// <summary>Two towers can equal one tower in parameters or in FLOPs a pair, not in both.</summary>
public enum Matching { Parameters, Flops }

/// <summary>Of what an encoder multiplies. fp16 is not offered: its range needs a loss scale, and CPUs multiply it a hundred times slower.</summary>
public enum Precision { Fp32, Bf16 }

public enum HealthFault { Collapse, Divergence }
public enum Loss { Softmax, Sigmoid }
public enum Schedule { Cosine, Constant }
public enum PoolKind { Local, Global }
public enum Device { Cpu, Cuda }

/// <summary>shared_memory: memory mapped by all workers of a machine; tcp: a ring of connections; nccl: NVIDIA's library, between GPUs.</summary>
public enum Transport { SharedMemory, Tcp, Nccl }
