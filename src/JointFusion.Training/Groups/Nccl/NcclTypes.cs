using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>ncclResult_t.</summary>
internal enum NcclResult
{
    Success = 0,
    UnhandledCudaError = 1,
    SystemError = 2,
    InternalError = 3,
    InvalidArgument = 4,
    InvalidUsage = 5,
    RemoteError = 6,
    InProgress = 7,
    Timeout = 8,
}

/// <summary>ncclDataType_t.</summary>
internal enum NcclDataType { UInt8 = 1, Int32 = 2, Int64 = 4, Float16 = 6, Float32 = 7, Float64 = 8 }

/// <summary>ncclRedOp_t.</summary>
internal enum NcclReduction { Sum = 0 }

/// <summary>ncclUniqueId: 128 bytes that all ranks of a communicator share; passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcclUniqueId
{
    private fixed byte bytes[128];

    public static Span<byte> AsBytes(ref NcclUniqueId id) => MemoryMarshal.AsBytes(new Span<NcclUniqueId>(ref id));
}

/// <summary>ncclConfig_t as of NCCL 2.14; newer versions take what is beyond it at its default.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NcclConfig
{
    private nuint size;
    private uint magic;
    private uint version;
    private int blocking;

    /// <summary>No call waits for other ranks: each may return <see cref="NcclResult.InProgress"/>.</summary>
    public static NcclConfig NonBlocking => new() { size = (nuint)Unsafe.SizeOf<NcclConfig>(), magic = 0xcafebeef, version = 21400, blocking = 0 };
}

internal static class NcclTypes
{
    /// <exception cref="ArgumentException">NCCL cannot carry such numbers, or this binding does not.</exception>
    public static NcclDataType Of<T>() =>
        typeof(T) == typeof(byte) ? NcclDataType.UInt8
        : typeof(T) == typeof(int) ? NcclDataType.Int32
        : typeof(T) == typeof(long) ? NcclDataType.Int64
        : typeof(T) == typeof(Half) ? NcclDataType.Float16
        : typeof(T) == typeof(float) ? NcclDataType.Float32
        : typeof(T) == typeof(double) ? NcclDataType.Float64
        : throw new ArgumentException($"Collectives over NCCL take byte, int, long, Half, float and double, not {typeof(T)}.");
}
