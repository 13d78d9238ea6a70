using System.CommandLine;
using System.Globalization;
using System.Text;

namespace JointFusion.Benchmarks;

/// <summary>Sums over the processes of one machine: shared memory and TCP beside what the machine could do, and beside Open MPI.</summary>
internal static class AllReduceBenchmark
{
    private const int Rounds = 11;
    private const int BytesARound = 300 << 20;
    private static readonly int[] Sizes = [1 << 20, 20 << 20, 100 << 20];
    private static readonly int[] WorldSizes = [2, 4];

    public static Command Command()
    {
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var peer = new Option<string?>("--peer") { Description = "A Python program that measures gloo, in turns with the others: see PeerContestant.cs.", HelpName = "SCRIPT" };
        var python = new Option<string>("--python") { Description = "Its interpreter.", DefaultValueFactory = _ => "python3" };
        var command = new Command("allreduce", "Sums of 1, 20 and 100 MiB over 2 and 4 processes: shared memory, TCP, their limits, Open MPI, gloo.") { file, peer, python };
        command.SetAction(parsed =>
        {
            var table = Run(Console.Error.WriteLine, parsed.GetValue(peer) is { } script ? new PeerContestant(parsed.GetRequiredValue(python), script) : null);
            Console.Write(table);
            if (parsed.GetValue(file) is { } target) File.WriteAllText(target.FullName, table);
        });
        return command;
    }

    private static string Run(Action<string> progress, PeerContestant? peer)
    {
        using var mpi = MpiContestant.Find();
        List<(string Name, Contestant Run)> contestants =
        [
            ("shared memory", ProcessContestant.Of("shared-memory")),
            ("memory copy", ProcessContestant.Of("copy")),
            ("TCP", ProcessContestant.Of("tcp")),
            ("raw sockets", ProcessContestant.Of("sockets")),
        ];
        if (mpi is not null) contestants.Insert(1, ("Open MPI", mpi.Run));
        if (peer is not null) contestants.Add(("gloo", peer.Run));
        var report = new StringBuilder(Heading(mpi is not null));
        foreach (var worldSize in WorldSizes)
        {
            var times = contestants.ToDictionary(contestant => contestant.Name, _ => new List<(int Bytes, double Seconds)>());
            for (var round = 1; round <= Rounds; round++)
            {
                foreach (var (name, run) in contestants)
                {
                    progress($"{worldSize} processes, round {round} of {Rounds}: {name}");
                    times[name].AddRange(run(worldSize, BytesARound, Sizes).SelectMany(size => size.Select(seconds => (size.Key, seconds))));
                }
            }
            foreach (var bytes in Sizes)
                report.AppendLine(Row(worldSize, bytes, times.ToDictionary(
                    pair => pair.Key, pair => pair.Value.Where(time => time.Bytes == bytes).Select(time => time.Seconds).ToArray())));
        }
        return report.ToString();
    }

    private static string Heading(bool withMpi) => $"""
        # All-reduce between processes of one machine

        {Machine.Describe()}. `dotnet run -c Release --project tools/JointFusion.Benchmarks -- allreduce`

        Milliseconds of one in-place sum of float, the slowest rank's: median [least..most] of {Rounds} rounds, the columns in turns
        within each, {string.Join(", ", Sizes.Select(bytes => BytesARound / bytes))} calls a round. Memory copy: all processes copy as many bytes at once, which is the least that an all-reduce must read and write. Raw
        sockets: a ring of loopback connections that carries the 2 (W - 1) / W bytes of such a sum, all directions at once, and does nothing else.
        {(withMpi ? "Open MPI: through shared memory (vader)." : "Open MPI is not installed here (Debian: openmpi-bin, libopenmpi-dev).")}
        gloo (--peer): PyTorch 1.13's, on loopback TCP; medians of its own calls, one a round.
        All in the environment that workers get: the C library's memory on huge pages, and kept.

        | processes | MiB | shared memory | Open MPI | gloo | memory copy | TCP | raw sockets | Open MPI / shared memory | gloo / shared memory | memory copy / shared memory | gloo / TCP | raw sockets / TCP |
        |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|

        """;

    private static string Row(int worldSize, int bytes, Dictionary<string, double[]> seconds)
    {
        string Spread(string name) => seconds.TryGetValue(name, out var values) ? Samples.Spread(values) : "-";
        string Ratio(string limit, string name) => seconds.TryGetValue(limit, out var values)
            ? (Samples.Median(values) / Samples.Median(seconds[name])).ToString("0.00", CultureInfo.InvariantCulture)
            : "-";
        string[] cells =
        [
            $"{worldSize}", $"{bytes >> 20}", Spread("shared memory"), Spread("Open MPI"), Spread("gloo"), Spread("memory copy"), Spread("TCP"), Spread("raw sockets"),
            Ratio("Open MPI", "shared memory"), Ratio("gloo", "shared memory"), Ratio("memory copy", "shared memory"), Ratio("gloo", "TCP"), Ratio("raw sockets", "TCP"),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }
}
