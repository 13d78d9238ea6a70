using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>The folders that specs of others may read data from, and what is below them.</summary>
/// <param name="Roots">Absolute; at least one.</param>
public sealed record DataRoots(ImmutableArray<string> Roots)
{
    /// <summary>Links followed on the way to a folder, at most: a loop of them leads nowhere.</summary>
    private const int MostLinks = 40;

    /// <param name="written">As in the spec: absolute, or relative to the first root that has it.</param>
    /// <returns>The folder, every link on the way to it followed, and why it may not be read; null: it may.</returns>
    public (string Path, string? Fault) Resolve(string written)
    {
        if (written.Contains('\0'))
            return (Roots[0], $"a path has no null character; {Allowed}");
        if (written.Split('/', '\\').Contains(".."))
            return (Roots[0], $"\"{written}\" leads upwards by \"..\"; {Allowed}");
        var path = Path.IsPathFullyQualified(written)
            ? Path.GetFullPath(written)
            : Roots.Select(root => Path.GetFullPath(Path.Combine(root, written))).FirstOrDefault(Path.Exists, Path.GetFullPath(Path.Combine(Roots[0], written)));
        if (!Roots.Any(root => IsWithin(path, root)))
            return (path, $"\"{written}\" is outside the data roots of this server; {Allowed}");
        return Real(path) is { } real && Roots.Any(root => Real(root) is { } realRoot && IsWithin(real, realRoot))
            ? (real, null)
            : (path, $"\"{written}\" leads outside the data roots of this server by a link; {Allowed}");
    }

    private string Allowed => $"give a folder below {string.Join(" or ", Roots)}, absolute or relative to it, or have its administrator add a --data-root";

    private static bool IsWithin(string path, string root) =>
        path == root || path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>With every link on the way replaced by where it leads; what does not exist stays as it is. Null: links without end.</summary>
    private static string? Real(string path)
    {
        var links = 0;
        var pending = new Stack<string>(Parts(path).Reverse());
        var real = Path.GetPathRoot(path)!;
        while (pending.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks)
                return null;
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var piece in Parts(target).Reverse())
                pending.Push(piece);
        }
        return real;
    }

    private static IEnumerable<string> Parts(string path) =>
        path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");
}
