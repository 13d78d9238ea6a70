using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>A stage's mined negatives on disk: written once, when the stage begins, and read by every attempt that goes on within it.</summary>
/// <remarks>
/// They depend on the weights to the last digit, so that mining again, on other workers say, could give other batches: hence the file.
/// The first line is the <see cref="MinedHeader"/>, each further one a query in the set's order: <c>{"query":"9:1","negatives":["9:4","9:77"]}</c>.
/// A crash in the middle leaves a .tmp, which nobody reads.
/// </remarks>
public sealed class MinedFile(string path, MbeirDataset data, ImmutableArray<Query> queries)
{
    private readonly Dictionary<string, int> candidateOf = data.Candidates.Index().ToDictionary(pair => pair.Item.Did, pair => pair.Index);

    /// <summary>Returns once it is on the device.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Write(MinedHeader header, IReadOnlyList<ImmutableArray<int>> negatives)
    {
        using var body = new MemoryStream();
        foreach (var (query, list) in queries.Zip(negatives))
            WriteLine(body, new MinedLine(query.Id, [.. list.Select(candidate => data.Candidates[candidate].Did)]));
        var temporary = path + ".tmp";
        var disk = new PhysicalDisk();
        File.Delete(temporary);
        disk.WriteFile(temporary, stream =>
        {
            WriteLine(stream, header with { Sha256 = Hash(body.GetBuffer().AsSpan(0, (int)body.Length)) });
            body.WriteTo(stream);
        });
        File.Move(temporary, path, overwrite: true);
        disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Null: there is no whole file for this moment of this run.</summary>
    /// <param name="isFor">Whether a header is of the moment that is wanted.</param>
    public MinedNegatives? Read(Func<MinedHeader, bool> isFor)
    {
        if (!File.Exists(path))
            return null;
        var bytes = File.ReadAllBytes(path).AsSpan();
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0 || Parse<MinedHeader>(bytes[..end]) is not { } header || !isFor(header) || header.Sha256 != Hash(bytes[(end + 1)..]))
            return null;
        var lines = Encoding.UTF8.GetString(bytes[(end + 1)..]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new MinedNegatives(queries, [.. lines.Select(line => Lists(Parse<MinedLine>(Encoding.UTF8.GetBytes(line))!))]);
    }

    private ImmutableArray<int> Lists(MinedLine line) => [.. line.Negatives.Select(did => candidateOf[did])];

    private static T? Parse<T>(ReadOnlySpan<byte> line) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, JointFusionJson.Line);
        }
        catch (JsonException)
        {
            return null; // Torn: as good as not there.
        }
    }

    private static void WriteLine<T>(Stream stream, T line)
    {
        JsonSerializer.Serialize(stream, line, JointFusionJson.Line);
        stream.WriteByte((byte)'\n');
    }

    private static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private sealed record MinedLine(string Query, ImmutableArray<string> Negatives);
}

/// <summary>When and for what negatives were mined.</summary>
/// <param name="Ledger">Of the steps before.</param>
/// <param name="Sha256">Of all lines but this, hex.</param>
public sealed record MinedHeader(string Stage, int FirstStep, NegativeMining Mining, string Ledger, string Sha256 = "");
