using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>What the last digits of a rank's arithmetic depend on beside its plan: the same plan on another kind of processor, or on other threads, rounds otherwise.</summary>
/// <remarks>libtorch and the BLAS inside it choose their kernels by maker and vectors; whose products are taken is <see cref="FusedRows"/>'s choice. GPUs are not told apart.</remarks>
internal static class ProcessorKinds
{
    private const int MostLetters = 96;

    /// <summary>By rank. A collective.</summary>
    public static ImmutableArray<string> Of(IProcessGroup group, Device device)
    {
        var own = new int[MostLetters];
        foreach (var (i, letter) in Here(device).Take(MostLetters).Index())
            own[i] = letter;
        var all = new int[MostLetters * group.WorldSize];
        group.AllGather<int>(own, all, Share.Counts(all.Length, group.WorldSize));
        return [.. all.Chunk(MostLetters).Select(letters => new string([.. letters.TakeWhile(letter => letter != 0).Select(letter => (char)letter)]))];
    }

    private static string Here(Device device)
    {
        if (device == Device.Cuda)
            return "a GPU";
        var vectors = Avx512F.IsSupported ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return $"{Maker()}, vectors of {vectors} bits, {(FusedRows.AreTaken ? "own" : "libtorch's")} products on {torch.get_num_threads()} {(torch.get_num_threads() == 1 ? "thread" : "threads")}";
    }

    private static string Maker()
    {
        if (!X86Base.IsSupported)
            return RuntimeInformation.ProcessArchitecture.ToString();
        var (_, first, last, middle) = X86Base.CpuId(0, 0);
        return new string([.. MemoryMarshal.AsBytes<int>([first, middle, last]).ToArray().Select(letter => (char)letter)]);
    }
}
