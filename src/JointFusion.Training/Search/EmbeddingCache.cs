using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>What embeddings depend on.</summary>
/// <param name="Retriever">See <see cref="SavedRetriever.Identity"/>.</param>
/// <param name="Data">The data set's manifest hash; pictures of a set without a manifest are not in it.</param>
public sealed record EmbeddingKey(string Retriever, string Data, int Candidates, int Width)
{
    /// <summary>Of its folder.</summary>
    public string Name { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Retriever} {Data} {Candidates} {Width}")))[..32];
}

/// <summary>Embeddings of candidate pools on disk, a folder an entry: whole by its manifest and hash, or not used. May be deleted at any time.</summary>
/// <remarks>An entry's manifest is as old as its latest use, by which <c>jf gc</c> goes. Written beside and renamed, the manifest last. Of processes that write one entry at a time the first to rename wins; the others' work is thrown away.</remarks>
/// <param name="root">Below the data cache: <see cref="OfUser"/>.</param>
public sealed class EmbeddingCache(string root, IDisk? disk = null)
{
    private const string File = "embeddings.safetensors", Manifest = "entry.json", Tensor = "candidates";
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private readonly IDisk disk = disk ?? new PhysicalDisk();

    /// <summary>The one in the data cache.</summary>
    public static EmbeddingCache OfUser() => new(In(UserFolders.Cache));

    /// <summary>Of a data cache; each folder in it is an entry.</summary>
    public static string In(string cache) => Path.Combine(cache, "embeddings");

    /// <summary>When an entry was written or read last, UTC.</summary>
    public static DateTime LastUseOf(DirectoryInfo entry) =>
        new[] { entry.LastWriteTimeUtc, System.IO.File.GetLastWriteTimeUtc(Path.Combine(entry.FullName, Manifest)) }.Max();

    /// <returns>[Candidates, Width], float32 in CPU memory, outside every scope; null where there is no entry, or a torn one, which is told and written anew.</returns>
    public Tensor? TryRead(EmbeddingKey key, IProgress<DataProgress>? progress = null)
    {
        var folder = Path.Combine(root, key.Name);
        if (!Directory.Exists(folder))
            return null;
        try
        {
            var entry = JsonSerializer.Deserialize<Entry>(System.IO.File.ReadAllBytes(Path.Combine(folder, Manifest)), JointFusionJson.File);
            if (entry is null || entry.Key != key)
                throw new CheckpointException(Path.Combine(folder, Manifest), "is of something else.");
            if (FileCheck.FaultOf(folder, entry.File, Manifest, hashes: true) is { } fault)
                throw fault;
            using var reader = SafetensorsReader.Open(Path.Combine(folder, File));
            MarkUsed(folder);
            return reader.Read(Tensor).DetachFromDisposeScope();
        }
        catch (Exception fault) when (fault is CheckpointException or IOException or UnauthorizedAccessException or JsonException)
        {
            progress?.Report(new DataProgress($"kept embeddings are torn and made anew: {fault.Message}", 0, 0));
            disk.TryDelete(folder);
            return null;
        }
    }

    /// <summary>A cache that cannot be written costs time alone: it is told, and nothing is lost.</summary>
    /// <param name="rows_CE">In CPU memory.</param>
    public void TryWrite(EmbeddingKey key, Tensor rows_CE, IProgress<DataProgress>? progress = null)
    {
        var beside = Path.Combine(root, $"{key.Name}.tmp-{Guid.NewGuid():N}");
        try
        {
            DeleteAbandoned();
            disk.CreateDirectory(beside);
            var file = disk.WriteHashed(Path.Combine(beside, File), stream => SafetensorsWriter.Write(stream, (IEnumerable<NamedTensor>)[new(Tensor, rows_CE)]));
            disk.WriteFile(Path.Combine(beside, Manifest), stream => JsonSerializer.Serialize(stream, new Entry(key, file), JointFusionJson.File));
            disk.SyncDirectory(beside);
            disk.MoveDirectory(beside, Path.Combine(root, key.Name));
        }
        catch (Exception) when (Directory.Exists(Path.Combine(root, key.Name)))
        {
            // Another process was first: what it has written is the same.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            progress?.Report(new DataProgress($"the embeddings cannot be kept, so that the next search computes them again: {fault.Message}", 0, 0));
        }
        finally
        {
            disk.TryDelete(beside);
        }
    }

    /// <summary>What cannot be marked, such as another user's, is good for reading all the same.</summary>
    private static void MarkUsed(string folder)
    {
        try
        {
            System.IO.File.SetLastWriteTimeUtc(Path.Combine(folder, Manifest), DateTime.UtcNow);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // It will look older than it is, and be computed again some day.
        }
    }

    /// <summary>What a killed process left behind; one that is still at work is younger.</summary>
    private void DeleteAbandoned()
    {
        if (!Directory.Exists(root))
            return;
        foreach (var folder in new DirectoryInfo(root).GetDirectories("*.tmp-*").Where(folder => DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned))
            disk.TryDelete(folder.FullName);
    }

    private sealed record Entry(EmbeddingKey Key, CheckpointFile File);
}
