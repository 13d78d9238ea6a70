using System.Text;

namespace JointFusion.Tests;

/// <summary>Bytes made of valid ones by a few mistakes, or of nothing at all; the same for the same seed.</summary>
internal sealed class Mutations(int seed)
{
    private const int MostMistakes = 4;

    /// <summary>What parsers have tripped over before.</summary>
    private static readonly byte[][] Tokens =
    [
        .. ((string[])
        [
            "\0", "{", "}", "[", "]", "\"", "'", ":", "- ", "\n", "\t", "&a ", "*a", "!!binary ", "!!python/object ", "%", "|", ">", "<<: ", "null", "~", "NaN", "-1", "1e999",
            "99999999999999999999", "../", "/etc/passwd", "\\u0000", "\ud83d\ude00", "{\"$type\":\"System.IO.FileInfo\"}", "\r\n\r\n", "---\n", "...",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe], [0xc3], [0xed, 0xa0, 0x80], [.. Enumerable.Repeat((byte)'[', 5000)], [.. Enumerable.Repeat((byte)'a', 5000)],
    ];

    private readonly Random random = new(seed);

    public T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    public int Number(int below) => random.Next(below);

    public byte[] Of(byte[] valid)
    {
        if (random.Next(10) == 0)
            return Noise(random.Next(1, 2000));
        var bytes = valid.ToList();
        for (var mistake = random.Next(1, MostMistakes + 1); mistake > 0; mistake--)
            Spoil(bytes);
        return [.. bytes];
    }

    public string Of(string valid) => Encoding.UTF8.GetString(Of(Encoding.UTF8.GetBytes(valid)));

    public byte[] Noise(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private void Spoil(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var count = Math.Min(random.Next(1, 40), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, count);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, count));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, One(Tokens));
                break;
        }
    }
}
