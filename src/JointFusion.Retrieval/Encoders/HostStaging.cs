using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <returns>What the part with this number holds.</returns>
internal delegate ReadOnlySpan<byte> PartBytes(int part);

/// <summary>Bytes gathered from many places of the heap, on their way to a device.</summary>
/// <remarks>
/// For a GPU they are gathered in page-locked memory, which the calling thread keeps and uses again: from other memory the driver copies them once more,
/// at a fifth of the speed. For a CPU they are gathered where they stay.
/// </remarks>
internal static class HostStaging
{
    [ThreadStatic]
    private static Tensor? pinned;

    /// <param name="shape">N parts of as many bytes each.</param>
    /// <param name="part">The bytes of each, by its number.</param>
    /// <returns>[shape], bytes, on the device; the copy is done.</returns>
    public static Tensor Gather(long[] shape, Device device, PartBytes part)
    {
        if (device.type == DeviceType.CPU)
        {
            var gathered = empty(shape, ScalarType.Byte);
            Fill(gathered, shape[0], part);
            return gathered;
        }
        var count = shape.Aggregate(1L, (product, size) => product * size);
        using var staged = Reserve(count).narrow(0, 0, count);
        Fill(staged, shape[0], part);
        return staged.to(device).view(shape);
    }

    /// <summary>Numbers that the CPU has made, where they are needed. On their way to a GPU nobody waits for them: else the CPU would wait for all that the GPU was given before.</summary>
    /// <param name="numbers">On the CPU; its own no longer.</param>
    public static Tensor Sent(this Tensor numbers, Device device)
    {
        if (device.type == DeviceType.CPU)
            return numbers;
        using var pageable = numbers;
        using var locked = pageable.pin_memory();
        return locked.to(device, non_blocking: true);
    }

    private static void Fill(Tensor target, long parts, PartBytes part) => TorchThreads.For((int)parts, i =>
    {
        var bytes = part(i);
        bytes.CopyTo(target.bytes[(i * bytes.Length)..]);
    });

    private static Tensor Reserve(long count)
    {
        if (pinned is null || pinned.numel() < count)
        {
            pinned?.Dispose();
            using var pageable = empty(count, ScalarType.Byte);
            pinned = pageable.pin_memory().DetachFromDisposeScope();
        }
        return pinned;
    }
}
