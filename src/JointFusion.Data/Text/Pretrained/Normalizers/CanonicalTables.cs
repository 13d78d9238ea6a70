using System.Globalization;

namespace JointFusion.Data;

/// <summary>Canonical classes, decompositions and compositions of Unicode 15.0.</summary>
/// <remarks>.NET composes nothing in the invariant culture, in which the program runs, and leaves the text as it is without a word.</remarks>
internal sealed class CanonicalTables
{
    private static readonly Lazy<CanonicalTables> Read = new(() => new CanonicalTables());
    private readonly Dictionary<int, byte> classes = [];
    private readonly Dictionary<int, int[]> decompositions = [];
    private readonly Dictionary<(int, int), int> compositions = [];

    private CanonicalTables()
    {
        using var stream = typeof(CanonicalTables).Assembly.GetManifestResourceStream("JointFusion.Data.canonical.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] != '#') Add(line.Split(' '));
        }
    }

    public static CanonicalTables Instance => Read.Value;

    /// <summary>0 for what begins anew.</summary>
    public byte ClassOf(int code) => classes.GetValueOrDefault(code);

    /// <returns>One or two code points, or null where the character stands for itself.</returns>
    public int[]? Decompose(int code) => decompositions.GetValueOrDefault(code);

    public bool TryCompose(int first, int second, out int composed) => compositions.TryGetValue((first, second), out composed);

    private void Add(string[] cells)
    {
        if (cells[0] == "c")
        {
            for (var code = Hex(cells[1]); code <= Hex(cells[2]); code++)
            {
                classes[code] = byte.Parse(cells[3], CultureInfo.InvariantCulture);
            }

            return;
        }

        var (character, parts) = (Hex(cells[1]), cells[2..].Select(Hex).ToArray());
        decompositions[character] = parts;
        if (cells[0] == "d") compositions[(parts[0], parts[1])] = character;
    }

    private static int Hex(string cell) => int.Parse(cell, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
