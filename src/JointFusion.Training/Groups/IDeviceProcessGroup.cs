using System.Numerics;

namespace JointFusion.Training;

/// <summary>A range of a CUDA device's memory, which the CPU cannot read.</summary>
/// <param name="Length">In elements.</param>
public readonly record struct DeviceSpan<T>(nint Address, int Length) where T : unmanaged
{
    public unsafe DeviceSpan<T> Slice(int start, int length) => new(Address + (nint)start * sizeof(T), length);
}

/// <summary>A group whose collectives also work in the memory of this rank's CUDA device, without a copy on the CPU.</summary>
/// <remarks>What <see cref="IProcessGroup"/> says of each holds here too. They return when the device has done its part.</remarks>
public interface IDeviceProcessGroup : IProcessGroup
{
    /// <summary>As in cuda:N.</summary>
    int Device { get; }

    void AllReduce<T>(DeviceSpan<T> buffer) where T : unmanaged, INumber<T>;
    void AllGather<T>(DeviceSpan<T> local, DeviceSpan<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>;
    void ReduceScatter<T>(DeviceSpan<T> all, DeviceSpan<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>;
    void Broadcast(DeviceSpan<byte> buffer, int root);
}
