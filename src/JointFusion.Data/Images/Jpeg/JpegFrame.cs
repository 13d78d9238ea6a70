using System.Buffers.Binary;

namespace JointFusion.Data;

/// <summary>What stands before a JPEG file's coded samples, of the plain kind: Huffman codes, one scan of grey or of YCbCr, 8 bits a sample.</summary>
/// <remarks>ITU-T T.81, annex B. Whatever is otherwise is left to a decoder that knows all kinds.</remarks>
internal sealed class JpegFrame
{
    /// <summary>Coefficients of a block, and samples.</summary>
    public const int BlockSize = 64;
    private const int Tables = 4, MostSampling = 2;
    private readonly float[]?[] steps = new float[]?[Tables];
    private readonly HuffmanTable?[] direct = new HuffmanTable?[Tables], alternating = new HuffmanTable?[Tables];
    private readonly byte[] ids = new byte[RgbPicture.Channels];
    private readonly int[] stepsOf = new int[RgbPicture.Channels];

    private JpegFrame()
    {
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>One, or luma and both chromas.</summary>
    public JpegComponent[] Components { get; private set; } = [];

    /// <summary>Largest sampling factors of the components: blocks of the finest one in a unit of the scan.</summary>
    public int Across { get; private set; }

    public int Down { get; private set; }

    /// <summary>Units between two restart markers; 0: there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Where the coded samples begin.</summary>
    public int Start { get; private set; }

    /// <returns>Null: of another kind, or not whole.</returns>
    public static JpegFrame? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])) return null;
        var frame = new JpegFrame();
        for (var at = 2; at + 4 <= bytes.Length && bytes[at] == 0xFF;)
        {
            var marker = bytes[at + 1];
            var end = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (end > bytes.Length || end < at + 4 || !frame.Take(marker, bytes[(at + 4)..end])) return null;
            at = end;
            if (marker != 0xDA) continue;
            frame.Start = at;
            return frame;
        }

        return null;
    }

    private bool Take(byte marker, ReadOnlySpan<byte> segment) => marker switch
    {
        0xC0 or 0xC1 => Size(segment),
        0xC4 => Codes(segment),
        0xDB => Steps(segment),
        0xDD => Restarts(segment),
        0xDA => Scan(segment),
        // Adobe's mark ends with the kind of colour: 1 is YCbCr.
        0xEE => !segment.StartsWith("Adobe"u8) || (segment.Length >= 12 && segment[11] == 1),
        >= 0xE0 and <= 0xEF or 0xFE => true,
        _ => false, // Progressive, lossless or arithmetically coded pictures among them.
    };

    private bool Size(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[0] != 8 || Components.Length > 0) return false;
        var count = segment[5];
        if (count is not (1 or RgbPicture.Channels) || segment.Length != 6 + (3 * count)) return false;
        (Height, Width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        Components = new JpegComponent[count];
        for (var i = 0; i < count; i++)
        {
            var (sampling, table) = (segment[6 + (3 * i) + 1], segment[6 + (3 * i) + 2]);
            // One component alone is not interleaved, whatever its factors say.
            var (across, down) = count == 1 ? (1, 1) : (sampling >> 4, sampling & 0xF);
            if (across is < 1 or > MostSampling || down is < 1 or > MostSampling || table >= Tables) return false;
            (ids[i], stepsOf[i]) = (segment[6 + (3 * i)], table);
            Components[i] = new JpegComponent(across, down);
            (Across, Down) = (Math.Max(Across, across), Math.Max(Down, down));
        }

        return Width > 0 && Height > 0 && !ids.AsSpan().SequenceEqual("RGB"u8);
    }

    private bool Codes(ReadOnlySpan<byte> segment)
    {
        const int lengths = 16;
        while (segment.Length > lengths)
        {
            var (kind, index, total) = (segment[0] >> 4, segment[0] & 0xF, 0);
            foreach (var count in segment[1..(1 + lengths)])
            {
                total += count;
            }

            if (kind > 1 || index >= Tables || segment.Length < 1 + lengths + total) return false;
            if (HuffmanTable.Create(segment[1..(1 + lengths)], segment.Slice(1 + lengths, total)) is not { } table) return false;
            (kind == 0 ? direct : alternating)[index] = table;
            segment = segment[(1 + lengths + total)..];
        }

        return segment.IsEmpty;
    }

    private bool Steps(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            var (wide, index) = (segment[0] >> 4, segment[0] & 0xF);
            if (wide > 1 || index >= Tables || segment.Length < 1 + (BlockSize << wide)) return false;
            var table = steps[index] = new float[BlockSize];
            for (var i = 0; i < BlockSize; i++)
            {
                table[i] = wide == 1 ? BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + (2 * i))..]) : segment[1 + i];
            }

            segment = segment[(1 + (BlockSize << wide))..];
        }

        return true;
    }

    private bool Restarts(ReadOnlySpan<byte> segment)
    {
        if (segment.Length != 2) return false;
        RestartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
        return true;
    }

    private bool Scan(ReadOnlySpan<byte> segment)
    {
        var count = Components.Length;
        if (count == 0 || segment.Length != 4 + (2 * count) || segment[0] != count) return false;
        for (var i = 0; i < count; i++)
        {
            var (id, tables) = (segment[1 + (2 * i)], segment[2 + (2 * i)]);
            if (id != ids[i] || tables >> 4 >= Tables || (tables & 0xF) >= Tables) return false;
            if (steps[stepsOf[i]] is not { } own || direct[tables >> 4] is not { } first || alternating[tables & 0xF] is not { } others) return false;
            (Components[i].Steps, Components[i].Direct, Components[i].Alternating) = (own, first, others);
        }

        return true;
    }
}
