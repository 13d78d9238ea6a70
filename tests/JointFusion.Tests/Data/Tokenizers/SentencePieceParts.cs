using System.Buffers.Binary;
using System.Text;

namespace JointFusion.Tests;

/// <summary>Pieces and map of characters of a SentencePiece model, read off its protocol buffer: fields 1 (pieces: text 1, score 2) and 3 (normaliser: map 2).</summary>
internal sealed record SentencePieceParts((string Text, float Score)[] Pieces, byte[] CharsMap)
{
    public static SentencePieceParts Read(string path)
    {
        var fields = Fields(File.ReadAllBytes(path)).ToArray();
        return new(
            [.. fields.Where(field => field.Number == 1).Select(field => Piece(Fields(field.Bytes).ToArray()))],
            Fields(fields.Single(field => field.Number == 3).Bytes).Single(field => field.Number == 2).Bytes);
    }

    private static (string, float) Piece((int Number, byte[] Bytes)[] fields) => (
        Encoding.UTF8.GetString(fields.Single(field => field.Number == 1).Bytes),
        BinaryPrimitives.ReadSingleLittleEndian(fields.Single(field => field.Number == 2).Bytes));

    /// <summary>Of varints the number alone.</summary>
    private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch { 5 => 4, 2 => Varint(message, ref at), _ => 0 };
            if ((tag & 7) == 0)
                _ = Varint(message, ref at);
            yield return (tag >> 3, message[at..(at + length)]);
            at += length;
        }
    }

    private static int Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0L, 0);
        do
        {
            value |= (long)(message[at] & 0x7F) << shift;
            shift += 7;
        }
        while (message[at++] >= 0x80);
        return (int)value;
    }
}
