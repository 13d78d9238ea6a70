using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JointFusion.Data;

/// <summary>A scan's coefficients, block by block.</summary>
internal sealed class JpegBits(byte[] bytes, int start)
{
    private const int LastCoefficient = JpegFrame.BlockSize - 1, RunOfZeros = 15 << 8, EnoughBits = 32;

    /// <summary>Where a coefficient belongs, 8 times its vertical plus its horizontal frequency, by its place in the file.</summary>
    public static readonly byte[] Places =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private ulong buffer;
    private int held, position = start;

    /// <summary>Of the bits held, those that the file no longer has.</summary>
    private int missing;

    /// <summary>Whether bits were used that the file does not have: it ends too early.</summary>
    public bool IsTorn => held < missing;

    /// <param name="mean">Of the component's block before; becomes this one's.</param>
    /// <param name="block">Takes the coefficients, multiplied by their steps.</param>
    /// <returns>The last one's place in the file: 0 where there is the mean alone.</returns>
    /// <exception cref="InvalidDataException">No such code, or more coefficients than a block has.</exception>
    public int Read(JpegComponent component, ref int mean, float[] block)
    {
        Array.Clear(block);
        mean += Next(component.Direct) >> 16;
        block[0] = mean * component.Steps[0];
        // What is used for each coefficient stays in registers, and what the table and the check below bound is not checked again.
        ref var coefficients = ref MemoryMarshal.GetArrayDataReference(block);
        ref var steps = ref MemoryMarshal.GetArrayDataReference(component.Steps);
        ref var places = ref MemoryMarshal.GetArrayDataReference(Places);
        ref var entries = ref component.Alternating.First;
        var (coming, count, last) = (buffer, held, 0);
        for (var at = 1; at <= LastCoefficient; at++)
        {
            if (count < EnoughBits)
            {
                (buffer, held) = (coming, count);
                Refill();
                (coming, count) = (buffer, held);
            }

            var entry = Unsafe.Add(ref entries, (nint)(coming >> HuffmanTable.LookupShift));
            if ((entry & HuffmanTable.SymbolAlone) != 0) entry = component.Alternating.Whole(entry, coming);
            var taken = entry & HuffmanTable.BitsMask;
            coming <<= taken;
            count -= taken;
            var number = entry >> 16;
            at += (entry >> 8) & 0xFF;
            if (number == 0)
            {
                if ((entry & RunOfZeros) != RunOfZeros) break;
                continue;
            }

            if (at > LastCoefficient) throw Damaged();
            Unsafe.Add(ref coefficients, Unsafe.Add(ref places, at)) = number * Unsafe.Add(ref steps, at);
            last = at;
        }

        (buffer, held) = (coming, count);
        return last;
    }

    /// <summary>Goes on behind the marker that stands here.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void Restart()
    {
        if (position + 1 >= bytes.Length || bytes[position] != 0xFF || bytes[position + 1] is < 0xD0 or > 0xD7) throw Damaged();
        (position, buffer, held, missing) = (position + 2, 0, 0, 0);
    }

    public static InvalidDataException Damaged() => new("its coded samples are damaged");

    private int Next(HuffmanTable table)
    {
        if (held < EnoughBits) Refill();
        var entry = table.Next(buffer);
        buffer <<= entry & HuffmanTable.BitsMask;
        held -= entry & HuffmanTable.BitsMask;
        return entry;
    }

    /// <summary>To more than 56 bits.</summary>
    private void Refill()
    {
        if (position + sizeof(ulong) <= bytes.Length)
        {
            var next = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(position));
            // Whether one of the eight bytes is 0xFF: it needs a closer look.
            if ((~next - 0x0101010101010101 & next & 0x8080808080808080) == 0)
            {
                // What does not fit is there again the next time, the same bits in the same places.
                buffer |= next >> held;
                var whole = (63 - held) >> 3;
                position += whole;
                held += whole << 3;
                return;
            }
        }

        for (; held <= 56; held += 8)
        {
            buffer |= (ulong)NextByte() << (56 - held);
        }
    }

    private byte NextByte()
    {
        if (position < bytes.Length && bytes[position] != 0xFF) return bytes[position++];
        if (position + 1 < bytes.Length && bytes[position + 1] == 0)
        {
            position += 2; // A byte 0xFF, which a zero follows to tell it from a marker.
            return 0xFF;
        }

        missing += 8; // Zeros stand in: whoever reads beyond the end or a marker is told.
        return 0;
    }
}
