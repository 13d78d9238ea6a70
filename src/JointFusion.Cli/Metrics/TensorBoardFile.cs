using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;

namespace JointFusion.Cli;

/// <summary>An event file as TensorBoard reads it: records of <c>Event</c> messages, each framed by its length and two checksums.</summary>
/// <remarks>
/// Framing: https://www.tensorflow.org/tutorials/load_data/tfrecord. Messages, by their fields' numbers (tensorflow/core/util/event.proto,
/// tensorflow/core/framework/summary.proto):
/// <code>
///   Event    1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary
///   Summary  1 value (repeated);  Value  1 tag (string), 2 simple_value (float)
/// </code>
/// </remarks>
internal static class TensorBoardFile
{
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>The name by which TensorBoard finds it; the same for one run each time, so that it is replaced.</summary>
    public static string NameAt(DateTimeOffset began) => string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{began.ToUnixTimeSeconds():D10}.jointfusion");

    /// <param name="scalars">Those of a step end up in one event, if they follow each other.</param>
    public static void Write(Stream stream, IReadOnlyList<Scalar> scalars)
    {
        if (scalars.Count == 0)
            return;
        WriteRecord(stream, Event(scalars[0].At, 0, output =>
        {
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteString("brain.Event:2");
        }));
        for (var first = 0; first < scalars.Count;)
        {
            var of = scalars.Skip(first).TakeWhile(scalar => scalar.Step == scalars[first].Step).ToArray();
            var summary = Message(output =>
            {
                foreach (var scalar in of)
                    WriteMessage(output, 1, Value(scalar));
            });
            WriteRecord(stream, Event(of[0].At, of[0].Step, output => WriteMessage(output, 5, summary)));
            first += of.Length;
        }
    }

    /// <summary>Castagnoli's CRC, rotated and shifted, as a checksum over data that hold checksums should be.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + MaskDelta;
    }

    private static byte[] Event(DateTimeOffset at, long step, Action<CodedOutputStream> what) => Message(output =>
    {
        output.WriteTag(1, WireFormat.WireType.Fixed64);
        output.WriteDouble(at.ToUnixTimeMilliseconds() / 1000.0);
        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt64(step);
        what(output);
    });

    private static byte[] Value(Scalar scalar) => Message(output =>
    {
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteString(scalar.Tag);
        output.WriteTag(2, WireFormat.WireType.Fixed32);
        output.WriteFloat((float)scalar.Value);
    });

    private static void WriteMessage(CodedOutputStream output, int field, byte[] message)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true))
            write(output);
        return memory.ToArray();
    }

    private static void WriteRecord(Stream stream, byte[] data)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc(length));
        stream.Write(checksum);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedCrc(data));
        stream.Write(checksum);
    }
}
