using System.Globalization;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The log files of a run's ranks as one text: what is there, and what is added while somebody reads on.</summary>
/// <param name="rank">Null: of all ranks, each line preceded by its rank.</param>
/// <param name="isOver">Asked when nothing was added for a while: nothing more will be.</param>
internal sealed class RunLogStream(RunFolder folder, int? rank, Func<Task<bool>> isOver)
{
    /// <summary>Bytes read at a time: logs may be longer than memory.</summary>
    private const int Longest = 1 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly SortedDictionary<int, long> positions = [];

    /// <summary>Returns at the end of the files, or, if it follows them, once the run is over.</summary>
    /// <param name="cancel">The reader has hung up.</param>
    public async Task WriteAsync(Stream body, bool follow, CancellationToken cancel)
    {
        while (true)
        {
            var over = !follow || await isOver();
            var wrote = await CopyNewAsync(body, cancel);
            if (over && !wrote)
                return;
            await body.FlushAsync(cancel);
            if (follow && !wrote)
                await Task.Delay(Interval, cancel);
        }
    }

    private async Task<bool> CopyNewAsync(Stream body, CancellationToken cancel)
    {
        var wrote = false;
        foreach (var (number, path) in Files())
        {
            var lines = ReadNew(number, path);
            wrote |= lines.Count > 0;
            foreach (var line in lines)
                await body.WriteAsync(Encoding.UTF8.GetBytes(rank is null ? $"[{number}] {line}\n" : $"{line}\n"), cancel);
        }
        return wrote;
    }

    private IEnumerable<(int Rank, string Path)> Files() => !Directory.Exists(folder.Logs)
        ? []
        : from path in Directory.GetFiles(folder.Logs, "rank-*.log")
          let number = Rank(path)
          where number is not null && (rank is null || rank == number)
          orderby number
          select (number.Value, path);

    private static int? Rank(string path) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan("rank-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whole lines only: the rest of one comes when it is whole.</summary>
    private List<string> ReadNew(int number, string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(positions.GetValueOrDefault(number), file.Length);
        var bytes = new byte[Math.Min(Longest, file.Length - file.Position)];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var end = Array.LastIndexOf(bytes, (byte)'\n', Math.Max(0, read - 1), read);
        if (end < 0 && read < Longest)
            return [];
        var isCut = end < 0; // A line longer than that comes in pieces.
        if (isCut)
            end = read;
        positions[number] = file.Position - read + end + (isCut ? 0 : 1);
        return [.. Encoding.UTF8.GetString(bytes, 0, end).Split('\n').Select(line => line.TrimEnd('\r'))];
    }
}
