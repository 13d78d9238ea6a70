using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace JointFusion.Training;

internal enum CollectiveKind : byte { AllReduce = 1, AllGather, ReduceScatter, Broadcast, Barrier, Any }

/// <summary>One collective as one rank called it. Neighbours exchange these ahead of the data and compare them whole.</summary>
/// <param name="Sequence">Collectives of this group so far, from 1.</param>
/// <param name="Element">Which number type, see <see cref="ElementCode{T}"/>.</param>
/// <param name="Bytes">Of the whole buffer.</param>
/// <param name="Detail">The root of a broadcast, or a hash of the counts of a gather or scatter.</param>
internal readonly record struct CollectiveCall(long Sequence, CollectiveKind Kind, byte Element, long Bytes, ulong Detail)
{
    /// <summary>Bytes on the wire.</summary>
    public const int HeaderBytes = 32;

    private static readonly string[] ElementNames = ["other", "byte", "float", "double", "int", "long", "Half"];

    public static byte ElementCode<T>() =>
        typeof(T) == typeof(byte) ? (byte)1
        : typeof(T) == typeof(float) ? (byte)2
        : typeof(T) == typeof(double) ? (byte)3
        : typeof(T) == typeof(int) ? (byte)4
        : typeof(T) == typeof(long) ? (byte)5
        : typeof(T) == typeof(Half) ? (byte)6
        : (byte)0;

    public static CollectiveCall Of<T>(long sequence, CollectiveKind kind, int length, ulong detail = 0) where T : unmanaged =>
        new(sequence, kind, ElementCode<T>(), (long)length * Unsafe.SizeOf<T>(), detail);

    /// <summary>FNV-1a over the counts, so that ranks which divide the same total differently are told apart.</summary>
    public static ulong Fingerprint(ReadOnlySpan<int> counts)
    {
        var hash = 14695981039346656037UL;
        foreach (var count in counts) hash = (hash ^ (uint)count) * 1099511628211UL;
        return hash;
    }

    public void Write(Span<byte> header)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(header, Sequence);
        header[8] = (byte)Kind;
        header[9] = Element;
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Detail);
    }

    public static CollectiveCall Read(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadInt64LittleEndian(header), (CollectiveKind)header[8], header[9],
        BinaryPrimitives.ReadInt64LittleEndian(header[16..]), BinaryPrimitives.ReadUInt64LittleEndian(header[24..]));

    /// <summary>Such as <c>all_reduce</c>.</summary>
    public string Name => Kind switch
    {
        CollectiveKind.AllReduce => "all_reduce",
        CollectiveKind.AllGather => "all_gather",
        CollectiveKind.ReduceScatter => "reduce_scatter",
        CollectiveKind.Broadcast => "broadcast",
        CollectiveKind.Barrier => "barrier",
        CollectiveKind.Any => "any",
        _ => $"unknown collective {(byte)Kind}",
    };

    /// <summary>Such as <c>all_reduce #17 of 400 bytes of float</c>.</summary>
    public override string ToString()
    {
        var element = Element < ElementNames.Length ? ElementNames[Element] : "unknown";
        return Kind switch
        {
            CollectiveKind.AllReduce => $"{Name} #{Sequence} of {Bytes} bytes of {element}",
            CollectiveKind.AllGather or CollectiveKind.ReduceScatter => $"{Name} #{Sequence} of {Bytes} bytes of {element} (counts {Detail:x16})",
            CollectiveKind.Broadcast => $"{Name} #{Sequence} of {Bytes} bytes from rank {Detail}",
            _ => $"{Name} #{Sequence}",
        };
    }
}
