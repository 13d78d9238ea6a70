using System.Collections.Immutable;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The end of one rank's log, and what is added to it.</summary>
internal sealed class LogTail(RunFolder folder, int rank)
{
    public const int MostLines = 400;

    /// <summary>Bytes before the end that are read at first, and at most at a time.</summary>
    private const int Longest = 128 << 10;

    private readonly byte[] buffer = new byte[Longest];
    private long position = -1;
    private int next;

    /// <summary>The newest last, numbered as they came.</summary>
    public ImmutableArray<(int Number, string Text)> Lines { get; private set; } = [];

    public int Rank => rank;

    /// <summary>Ranks that have a log.</summary>
    public static ImmutableArray<int> RanksOf(RunFolder folder) => !Directory.Exists(folder.Logs)
        ? []
        : [.. Directory.EnumerateFiles(folder.Logs, "rank-*.log").Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path)["rank-".Length..], out var number) ? number : -1).Where(number => number >= 0).Order()];

    /// <returns>Whether there was something new. Whole lines only: the rest of one comes when it is whole.</returns>
    public bool Read()
    {
        var path = Path.Combine(folder.Logs, $"rank-{rank}.log");
        if (!File.Exists(path))
            return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (position < 0 || position > file.Length || file.Length - position > Longest)
            position = Math.Max(0, file.Length - Longest);
        var isCut = position > 0 && next == 0;
        file.Position = position;
        var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var end = buffer.AsSpan(0, read).LastIndexOf((byte)'\n');
        if (end < 0)
            return false;
        position += end + 1;
        var texts = Encoding.UTF8.GetString(buffer, 0, end).Split('\n').Select(line => line.TrimEnd('\r')).Skip(isCut ? 1 : 0);
        Lines = [.. Lines.Concat(texts.Select(text => (next++, text))).TakeLast(MostLines)];
        return true;
    }
}
