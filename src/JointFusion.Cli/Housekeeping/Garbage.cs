namespace JointFusion.Cli;

/// <summary>A file or folder that nobody needs any more.</summary>
/// <param name="Kind">checkpoint, embeddings, log, or leftover.</param>
/// <param name="Still">When what it belongs to was last written to.</param>
internal sealed record Garbage(string Kind, string Path, long Bytes, DateTime Still)
{
    public static Garbage Of(string kind, FileSystemInfo what, DateTime still) =>
        new(kind, what.FullName, what is FileInfo file ? file.Length : SizeOf((DirectoryInfo)what), still);

    /// <summary>What vanishes meanwhile counts nothing.</summary>
    public static long SizeOf(DirectoryInfo folder) => FilesIn(folder).Sum(file => file.Length);

    public static IEnumerable<FileInfo> FilesIn(DirectoryInfo folder) => !folder.Exists
        ? []
        : folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true });
}
