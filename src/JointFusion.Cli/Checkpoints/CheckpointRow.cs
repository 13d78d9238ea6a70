using System.Collections.Immutable;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>What the checkpoint verbs say of one checkpoint, to people and to scripts.</summary>
/// <param name="Run">Name of its run.</param>
/// <param name="Stage">Null where the manifest cannot be read; so is <paramref name="Ledger"/>.</param>
/// <param name="Bytes">Of all its files, as they are.</param>
/// <param name="WrittenAt">When its newest file was written.</param>
/// <param name="Whole">Held to its manifest without a fault.</param>
/// <param name="Hashed">Whether every byte was read for that; otherwise sizes alone.</param>
internal sealed record CheckpointRow(
    string Run,
    int Step,
    string? Stage,
    string? Ledger,
    long Bytes,
    DateTimeOffset WrittenAt,
    bool Whole,
    bool Hashed,
    ImmutableArray<CheckpointFault> Faults,
    string Folder)
{
    /// <returns>Null if a running training has just retired it.</returns>
    public static CheckpointRow? Of(CheckpointEntry entry, bool hashed)
    {
        try
        {
            var files = new DirectoryInfo(entry.Folder).GetFiles();
            return new CheckpointRow(
                entry.Manifest?.Run ?? RunOf(entry.Folder),
                entry.Step,
                entry.Manifest?.Stage,
                entry.Manifest?.Ledger,
                files.Sum(file => file.Length),
                files.Select(file => file.LastWriteTime).DefaultIfEmpty(Directory.GetLastWriteTime(entry.Folder)).Max(),
                entry.IsWhole,
                hashed,
                [.. entry.Faults.Select(fault => new CheckpointFault(fault.Path, fault.Cause))],
                entry.Folder);
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Of the run's folder, two above.</summary>
    private static string RunOf(string folder) => new DirectoryInfo(folder).Parent?.Parent?.Name ?? "";
}

/// <param name="Path">The file at fault.</param>
/// <param name="Cause">A sentence that goes on from the path.</param>
internal sealed record CheckpointFault(string Path, string Cause)
{
    public override string ToString() => $"{Path}: {Cause}";
}
