using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>
/// The collectives over contiguous tensors: without a copy for those on the CPU and for those on the device of a group that reaches it, through
/// CPU memory for others of a device. A single rank's tensors stay where they are.
/// </summary>
public static class TensorCollectives
{
    /// <summary>In place: the sum over ranks.</summary>
    /// <param name="tensor">Contiguous, float32 or float64.</param>
    public static void AllReduce(this IProcessGroup group, Tensor tensor)
    {
        if (group.WorldSize == 1)
            return;
        if (group.At(tensor) is { } onDevice)
        {
            onDevice.AllReduceOnDevice(tensor);
            return;
        }
        using var onCpu = OnCpu(tensor);
        if (tensor.dtype == ScalarType.Float64)
            group.AllReduce(Span<double>(onCpu));
        else
            group.AllReduce(Span<float>(onCpu));
        if (tensor.device_type != DeviceType.CPU)
            tensor.copy_(onCpu);
    }

    /// <param name="local_RE">This rank's rows.</param>
    /// <param name="rows">Of each rank.</param>
    /// <returns>[sum of rows, E], in rank order, without gradient; of a single rank, its own memory.</returns>
    public static Tensor AllGather(this IProcessGroup group, Tensor local_RE, ReadOnlySpan<int> rows)
    {
        if (group.WorldSize == 1)
            return local_RE.detach();
        var width = (int)local_RE.size(1);
        if (group.At(local_RE) is { } onDevice)
        {
            var gathered_BE = empty(Sum(rows), width, local_RE.dtype, local_RE.device);
            onDevice.AllGatherOnDevice(local_RE, gathered_BE, Scale(rows, width));
            return gathered_BE;
        }
        using var local = OnCpu(local_RE);
        var all_BE = empty(Sum(rows), width, local_RE.dtype);
        if (local_RE.dtype == ScalarType.Float64)
            group.AllGather(Span<double>(local), Span<double>(all_BE), Scale(rows, width));
        else
            group.AllGather(Span<float>(local), Span<float>(all_BE), Scale(rows, width));
        return all_BE.to(local_RE.device);
    }

    /// <param name="all_BE">Each rank's term for every row; overwritten.</param>
    /// <param name="rows">Of each rank.</param>
    /// <returns>This rank's rows of the sum over ranks; of a single rank, its own memory.</returns>
    public static Tensor ReduceScatter(this IProcessGroup group, Tensor all_BE, ReadOnlySpan<int> rows)
    {
        if (group.WorldSize == 1)
            return all_BE.detach();
        var width = (int)all_BE.size(1);
        if (group.At(all_BE) is { } onDevice)
        {
            var own_RE = empty(rows[group.Rank], width, all_BE.dtype, all_BE.device);
            onDevice.ReduceScatterOnDevice(all_BE, own_RE, Scale(rows, width));
            return own_RE;
        }
        using var all = OnCpu(all_BE);
        var local_RE = empty(rows[group.Rank], width, all_BE.dtype);
        if (all_BE.dtype == ScalarType.Float64)
            group.ReduceScatter(Span<double>(all), Span<double>(local_RE), Scale(rows, width));
        else
            group.ReduceScatter(Span<float>(all), Span<float>(local_RE), Scale(rows, width));
        return local_RE.to(all_BE.device);
    }

    /// <summary>In place: this rank's part of the sum over ranks; the other parts are overwritten with what is of no use.</summary>
    /// <param name="flat">[sum of counts], contiguous, float32 or float64.</param>
    /// <param name="counts">Elements of each rank.</param>
    public static void ReduceScatterInPlace(this IProcessGroup group, Tensor flat, ReadOnlySpan<int> counts)
    {
        using var own = Part(flat, counts, group.Rank);
        if (group.At(flat) is { } onDevice)
        {
            onDevice.ReduceScatterOnDevice(flat, own, counts);
            return;
        }
        using var onCpu = OnCpu(flat);
        using var ownOnCpu = Part(onCpu, counts, group.Rank);
        if (flat.dtype == ScalarType.Float64)
            group.ReduceScatter(Span<double>(onCpu), Span<double>(ownOnCpu), counts);
        else
            group.ReduceScatter(Span<float>(onCpu), Span<float>(ownOnCpu), counts);
        if (flat.device_type != DeviceType.CPU)
            own.copy_(ownOnCpu);
    }

    /// <summary>In place: each rank's part becomes that of its owner.</summary>
    /// <inheritdoc cref="ReduceScatterInPlace"/>
    public static void AllGatherInPlace(this IProcessGroup group, Tensor flat, ReadOnlySpan<int> counts)
    {
        if (group.At(flat) is { } onDevice)
        {
            using var own = Part(flat, counts, group.Rank);
            onDevice.AllGatherOnDevice(own, flat, counts);
            return;
        }
        using var onCpu = OnCpu(flat);
        using var ownOnCpu = Part(onCpu, counts, group.Rank);
        if (flat.dtype == ScalarType.Float64)
            group.AllGather(Span<double>(ownOnCpu), Span<double>(onCpu), counts);
        else
            group.AllGather(Span<float>(ownOnCpu), Span<float>(onCpu), counts);
        if (flat.device_type != DeviceType.CPU)
            flat.copy_(onCpu);
    }

    /// <summary>Overwrites the tensor with rank 0's.</summary>
    public static void Broadcast(this IProcessGroup group, Tensor tensor)
    {
        if (group.WorldSize == 1)
            return;
        if (group.At(tensor) is { } onDevice)
        {
            onDevice.BroadcastOnDevice(tensor);
            return;
        }
        using var onCpu = OnCpu(tensor);
        group.Broadcast(onCpu.bytes, root: 0);
        if (tensor.device_type != DeviceType.CPU)
            tensor.copy_(onCpu);
    }

    private static Tensor OnCpu(Tensor tensor)
    {
        if (!tensor.is_contiguous())
            throw new ArgumentException("Collectives need a contiguous tensor.", nameof(tensor));
        return tensor.device_type == DeviceType.CPU ? tensor.detach() : tensor.detach().cpu();
    }

    private static Tensor Part(Tensor flat, ReadOnlySpan<int> counts, int rank) =>
        flat.narrow(0, GroupArguments.Start(counts, rank), counts[rank]);

    private static Span<T> Span<T>(Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    private static int Sum(ReadOnlySpan<int> rows)
    {
        var sum = 0;
        foreach (var count in rows)
            sum += count;
        return sum;
    }

    private static int[] Scale(ReadOnlySpan<int> rows, int width)
    {
        var counts = new int[rows.Length];
        for (var rank = 0; rank < rows.Length; rank++)
            counts[rank] = rows[rank] * width;
        return counts;
    }
}
