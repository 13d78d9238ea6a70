using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>What a training step of the benchmark computes.</summary>
/// <param name="Name">Finds it again in a worker process.</param>
/// <param name="PairsAWorker">Pairs of a step that each worker encodes.</param>
/// <param name="Device">Of each worker.</param>
internal abstract record StepCase(string Name, int PairsAWorker, Device Device = Device.Cpu)
{
    /// <summary>Words of a text; where texts differ in length, the most that a peer which encodes padding is given.</summary>
    public const int Tokens = 16;

    public abstract RetrieverPlan Plan { get; }

    public abstract int ImageSize { get; }

    /// <summary>Forward and backward of one pair, backward being worth two forward; null where pairs differ.</summary>
    public abstract double? FlopsAPair { get; }

    /// <summary>Folder in M-BEIR layout; null where the items are noise.</summary>
    public abstract string? Root { get; }

    /// <summary>Steps for at least so long come first: they fill caches, and until what they run often has been compiled for good, compiling takes a part of a core.</summary>
    public virtual TimeSpan Warmup => TimeSpan.FromSeconds(4);

    public abstract IBatchSource Batches(int rank, int world);

    /// <param name="root">Null leaves out what needs data.</param>
    public static IReadOnlyList<StepCase> All(Precision precision, string? root) =>
    [
        new SyntheticCase(Preset.Nano, 32, precision),
        new SyntheticCase(Preset.Tiny, 16, precision),
        .. root is null ? [] : (StepCase[])[new DataCase(root, 32, 32, precision, IsRead: false), new DataCase(root, 32, 32, precision, IsRead: true), new DataCase(root, 64, 32, precision, IsRead: true)],
    ];

    /// <summary>On a GPU: enough pairs that it has something to do.</summary>
    public static IReadOnlyList<StepCase> OnGpu =>
    [
        .. from precision in Enum.GetValues<Precision>()
           from size in ((Preset Preset, int Pairs)[])[(Preset.Nano, 64), (Preset.Tiny, 1024), (Preset.Small, 1024)]
           select new SyntheticCase(size.Preset, size.Pairs, precision, Device.Cuda),
    ];

    public static StepCase Named(string name, string? root) =>
        Enum.GetValues<Precision>().SelectMany(precision => All(precision, root)).Concat(OnGpu).Single(one => one.Name == name);
}
