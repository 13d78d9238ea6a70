using System.Text;

namespace JointFusion.Tests;

/// <summary>TensorBoard's event files, read by the published formats alone: checksums bit by bit, messages byte by byte.</summary>
internal static class EventReader
{
    private const uint Castagnoli = 0x82F63B78; // reflected

    /// <exception cref="InvalidDataException">A checksum does not hold.</exception>
    public static IReadOnlyList<(double WallTime, long Step, string? Version, IReadOnlyList<(string Tag, float Value)> Values)> Read(byte[] file)
    {
        var events = new List<(double, long, string?, IReadOnlyList<(string, float)>)>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToUInt64(file, at);
            Check(file.AsSpan(at, 8), BitConverter.ToUInt32(file, at + 8));
            Check(file.AsSpan(at + 12, length), BitConverter.ToUInt32(file, at + 12 + length));
            events.Add(Event(file.AsSpan(at + 12, length)));
            at += 16 + length;
        }
        return events;
    }

    private static void Check(ReadOnlySpan<byte> bytes, uint stored)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Castagnoli : crc >> 1;
        }
        crc = ~crc;
        if (unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8) != stored)
            throw new InvalidDataException("a checksum does not hold");
    }

    private static (double, long, string?, IReadOnlyList<(string, float)>) Event(ReadOnlySpan<byte> message)
    {
        var (wall, step, version, values) = (0.0, 0L, (string?)null, new List<(string, float)>());
        for (var at = 0; at < message.Length;)
        {
            switch (Varint(message, ref at))
            {
                case (1 << 3) | 1: wall = BitConverter.ToDouble(message.Slice(at, 8)); at += 8; break;
                case 2 << 3: step = Varint(message, ref at); break;
                case (3 << 3) | 2: version = Encoding.UTF8.GetString(Part(message, ref at)); break;
                case (5 << 3) | 2: values.AddRange(Summary(Part(message, ref at))); break;
                case var tag: throw new InvalidDataException($"an event has no field {tag}");
            }
        }
        return (wall, step, version, values);
    }

    private static List<(string, float)> Summary(ReadOnlySpan<byte> message)
    {
        var values = new List<(string, float)>();
        for (var at = 0; at < message.Length;)
        {
            if (Varint(message, ref at) != ((1 << 3) | 2))
                throw new InvalidDataException("a summary has values alone");
            values.Add(Value(Part(message, ref at)));
        }
        return values;
    }

    private static (string, float) Value(ReadOnlySpan<byte> message)
    {
        var (tag, number) = ("", float.NaN);
        for (var at = 0; at < message.Length;)
        {
            switch (Varint(message, ref at))
            {
                case (1 << 3) | 2: tag = Encoding.UTF8.GetString(Part(message, ref at)); break;
                case (2 << 3) | 5: number = BitConverter.ToSingle(message.Slice(at, 4)); at += 4; break;
                case var field: throw new InvalidDataException($"a value has no field {field} here");
            }
        }
        return (tag, number);
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> message, ref int at)
    {
        var length = (int)Varint(message, ref at);
        var part = message.Slice(at, length);
        at += length;
        return part;
    }

    private static long Varint(ReadOnlySpan<byte> message, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
