using System.Text;
using System.Text.Json;

namespace JointFusion.Data;

/// <summary>The identity of a published model's folder: what its config, weights, tokenizer and image processor say, wherever they lie.</summary>
public static class BackboneContent
{
    private const int Digits = 16;

    /// <summary>Smaller files are read each time; the hashes of larger ones are kept in the cache by size and time of change.</summary>
    private const long KeptFrom = 64L << 20;

    private static readonly string[] Files = ["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer.model"];

    private static readonly string[] Weights = ["*.safetensors", "*.safetensors.index.json", "*.bin", "*.bin.index.json", "*.pth", "*.pt"];

    /// <returns>The first 16 hex digits of a SHA-256.</returns>
    /// <exception cref="DataException">A file cannot be read.</exception>
    public static string HashOf(string folder)
    {
        try
        {
            // What this file says counts only where tokenizer.json does not say it.
            var files = (File.Exists(Path.Combine(folder, "tokenizer.json")) ? Files : [.. Files, "tokenizer_config.json"]).Select(name => Path.Combine(folder, name)).Where(File.Exists)
                .Concat(Weights.SelectMany(pattern => Directory.GetFiles(folder, pattern)))
                .Distinct().OrderBy(Path.GetFileName, StringComparer.Ordinal);
            var text = string.Concat(files.Select(file => $"{Path.GetFileName(file)}\t{HashOfFile(file)}\n"));
            return StableHash.Hex(Encoding.UTF8.GetBytes(text))[..Digits];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder}: the files of the model cannot be read: {error.Message}", error);
        }
    }

    private static string HashOfFile(string path)
    {
        var file = new FileInfo(path);
        if (file.Length < KeptFrom) return StableHash.HexOfFile(path);

        var kept = Path.Combine(UserFolders.Cache, "hashes", $"{StableHash.Hex(Encoding.UTF8.GetBytes(file.FullName))[..32]}.json");
        if (Read(kept) is { } known && (known.Length, known.ChangedTicks) == (file.Length, file.LastWriteTimeUtc.Ticks)) return known.Sha256;

        var hash = new KeptHash(file.Length, file.LastWriteTimeUtc.Ticks, StableHash.HexOfFile(path));
        Write(kept, hash);
        return hash.Sha256;
    }

    private static KeptHash? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<KeptHash>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Beside and renamed: several processes may do so at once. A cache that cannot be written costs time alone.</summary>
    private static void Write(string path, KeptHash hash)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var beside = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(hash));
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next reader hashes again.
        }
    }

    private sealed record KeptHash(long Length, long ChangedTicks, string Sha256);
}
