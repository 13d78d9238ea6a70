using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Holds a file to what was recorded of it when it was written.</summary>
internal static class FileCheck
{
    /// <param name="record">What recorded it, for the message: <c>the manifest</c>.</param>
    /// <param name="hashes">Read every byte and compare the hash; otherwise the size alone.</param>
    /// <returns>Null if the file is as recorded.</returns>
    public static CheckpointException? FaultOf(string folder, CheckpointFile file, string record, bool hashes)
    {
        var info = new FileInfo(Path.Combine(folder, file.Name));
        try
        {
            if (!info.Exists) return new CheckpointException(info.FullName, $"is missing, though {record} lists it.");
            if (info.Length != file.Bytes)
                return new CheckpointException(info.FullName, $"has {info.Length} bytes, {record} says {file.Bytes}.");
            if (!hashes) return null;
            var hash = HashOf(info.FullName);
            return hash == file.Sha256 ? null : new CheckpointException(info.FullName, $"has SHA-256 {hash}, {record} says {file.Sha256}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointException(info.FullName, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What is to be recorded of a file that was written.</summary>
    /// <param name="folder">That its name is to be within.</param>
    public static CheckpointFile Record(string folder, string path) =>
        new(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), new FileInfo(path).Length, HashOf(path));

    private static string HashOf(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
