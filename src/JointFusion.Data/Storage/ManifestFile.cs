using System.Collections.Immutable;

namespace JointFusion.Data;

/// <param name="Path">Relative to the manifest's folder, with forward slashes.</param>
/// <param name="Sha256">Lower-case hex.</param>
internal sealed record ManifestFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Every file of the folder, ordered by path.</summary>
    public static ImmutableArray<ManifestFile> Of(MbeirLayout layout, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var paths = Directory.GetFiles(layout.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var files = ImmutableArray.CreateBuilder<ManifestFile>(paths.Count);
        foreach (var path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            files.Add(new ManifestFile(layout.Relative(path), new FileInfo(path).Length, StableHash.HexOfFile(path)));
            if (files.Count % 100 == 0 || files.Count == paths.Count) progress?.Report(new DataProgress("hashing files", files.Count, paths.Count));
        }

        return files.DrainToImmutable();
    }

    /// <summary>Null when the folder holds the file as recorded.</summary>
    /// <param name="hashes">Compare the contents too, beyond the size.</param>
    public string? DifferenceIn(MbeirLayout layout, bool hashes)
    {
        var found = new FileInfo(System.IO.Path.Combine(layout.Root, Path));
        if (!found.Exists) return $"{Path} is missing";
        if (found.Length != Bytes) return $"{Path} has {found.Length} bytes instead of {Bytes}";
        return hashes && StableHash.HexOfFile(found.FullName) != Sha256 ? $"{Path} has other contents than when it was built" : null;
    }
}
