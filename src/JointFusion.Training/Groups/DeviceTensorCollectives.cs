using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The collectives over tensors of a group's own device: no copy on the CPU. <see cref="TensorCollectives"/> leads here.</summary>
/// <remarks>Tensors are contiguous, float32 or float64, and hold up to <see cref="int.MaxValue"/> elements.</remarks>
internal static partial class DeviceTensorCollectives
{
    /// <summary>The group, if its collectives reach where the tensor lies.</summary>
    public static IDeviceProcessGroup? At(this IProcessGroup group, Tensor tensor) =>
        group is IDeviceProcessGroup onDevice && tensor.device_type == DeviceType.CUDA && tensor.device.index == onDevice.Device ? onDevice : null;

    public static void AllReduceOnDevice(this IDeviceProcessGroup group, Tensor tensor)
    {
        if (tensor.dtype == ScalarType.Float64) group.AllReduce(Span<double>(tensor));
        else group.AllReduce(Span<float>(tensor));
    }

    /// <param name="all_BE">Filled.</param>
    /// <param name="counts">Elements of each rank.</param>
    public static void AllGatherOnDevice(this IDeviceProcessGroup group, Tensor local_RE, Tensor all_BE, ReadOnlySpan<int> counts)
    {
        if (local_RE.dtype == ScalarType.Float64) group.AllGather(Span<double>(local_RE), Span<double>(all_BE), counts);
        else group.AllGather(Span<float>(local_RE), Span<float>(all_BE), counts);
    }

    /// <param name="local_RE">Filled.</param>
    /// <param name="counts">Elements of each rank.</param>
    public static void ReduceScatterOnDevice(this IDeviceProcessGroup group, Tensor all_BE, Tensor local_RE, ReadOnlySpan<int> counts)
    {
        if (all_BE.dtype == ScalarType.Float64) group.ReduceScatter(Span<double>(all_BE), Span<double>(local_RE), counts);
        else group.ReduceScatter(Span<float>(all_BE), Span<float>(local_RE), counts);
    }

    /// <summary>Overwrites the tensor, of any type, with rank 0's.</summary>
    public static void BroadcastOnDevice(this IDeviceProcessGroup group, Tensor tensor) =>
        group.Broadcast(new DeviceSpan<byte>(AddressOf(tensor), checked((int)(tensor.numel() * tensor.element_size()))), root: 0);

    private static DeviceSpan<T> Span<T>(Tensor tensor) where T : unmanaged, INumber<T> =>
        new(AddressOf(tensor), checked((int)tensor.numel()));

    private static nint AddressOf(Tensor tensor) => tensor.is_contiguous()
        ? THSTensor_data(tensor.Handle)
        : throw new ArgumentException("Collectives need a contiguous tensor.", nameof(tensor));

    /// <summary>TorchSharp's own way to a tensor's memory, which its public members open for tensors on the CPU alone.</summary>
    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
