using System.Numerics;
using System.Runtime.InteropServices;

namespace JointFusion.Retrieval;

/// <summary>bfloat16, the upper half of a float's bits, to float and back, as libtorch does it.</summary>
internal static class BrainFloats
{
    private const ushort NotANumber = 0x7FC0;

    /// <summary>Exact.</summary>
    /// <param name="to">At least as long, and its memory as good for whole vectors.</param>
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        var halves = MemoryMarshal.Cast<ushort, Vector<ushort>>(from);
        var wholes = MemoryMarshal.Cast<float, Vector<uint>>(to);
        for (var i = 0; i < halves.Length; i++)
        {
            Vector.Widen(halves[i], out var low, out var high);
            wholes[2 * i] = Vector.ShiftLeft(low, 16);
            wholes[(2 * i) + 1] = Vector.ShiftLeft(high, 16);
        }
        for (var i = halves.Length * Vector<ushort>.Count; i < from.Length; i++)
            to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }

    /// <summary>To the nearest, of two as near to the even one; NaN stays NaN.</summary>
    public static void Narrow(ReadOnlySpan<float> from, Span<ushort> to)
    {
        var wholes = MemoryMarshal.Cast<float, Vector<uint>>(from);
        var halves = MemoryMarshal.Cast<ushort, Vector<ushort>>(to);
        for (var i = 0; i < halves.Length; i++)
            halves[i] = Vector.Narrow(Rounded(wholes[2 * i]), Rounded(wholes[(2 * i) + 1]));
        for (var i = halves.Length * Vector<ushort>.Count; i < from.Length; i++)
            to[i] = (ushort)Rounded(new Vector<uint>(BitConverter.SingleToUInt32Bits(from[i])))[0];
    }

    private static Vector<uint> Rounded(Vector<uint> bits)
    {
        var odd = Vector.ShiftRightLogical(bits, 16) & Vector<uint>.One;
        var rounded = Vector.ShiftRightLogical(bits + new Vector<uint>(0x7FFF) + odd, 16);
        var number = bits.As<uint, float>();
        return Vector.ConditionalSelect(Vector.Equals(number, number).As<int, uint>(), rounded, new Vector<uint>(NotANumber));
    }
}
