using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>A measured process: its endpoint goes out on standard output, all ranks' come in on standard input, then the times go out.</summary>
internal static class RankProcess
{
    public const string Verb = "allreduce-rank";

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.3);

    public static Command Command()
    {
        var place = new Argument<string[]>("PLACE");
        var command = new Command(Verb) { place };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetRequiredValue(place)));
        return command;
    }

    /// <param name="place">KIND RANK WORLDSIZE VOLUME BYTES...: so many calls of each size that they sum VOLUME bytes.</param>
    private static void Run(string[] place)
    {
        var numbers = place[1..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var (rank, worldSize, volume) = (numbers[0], numbers[1], numbers[2]);
        using var work = Make(place[0], rank, worldSize);
        Console.WriteLine(work.Endpoint);
        var secret = Console.ReadLine()!;
        work.Join(new RankAssignment("benchmark", 1, rank, [.. Enumerable.Range(0, worldSize).Select(_ => Console.ReadLine()!)], secret));
        foreach (var bytes in numbers[3..]) Measure(work, volume / bytes, bytes);
        work.Barrier();
    }

    private static void Measure(IRankWork work, int calls, int bytes)
    {
        using var memory = new NativeFloats(bytes / sizeof(float));
        var buffer = memory.Span;
        buffer.Fill(1);
        work.Barrier();
        work.Call(buffer);
        work.Check(buffer);
        buffer.Clear();
        // The same number of calls on every rank, about the time it takes to have the code compiled for good.
        var warmUps = (int)(WarmUp.TotalSeconds * 1e9 / bytes) + 1;
        for (var call = 0; call < warmUps; call++) work.Call(buffer);
        var seconds = new double[calls];
        for (var call = 0; call < calls; call++)
        {
            work.Barrier();
            var start = Stopwatch.GetTimestamp();
            work.Call(buffer);
            seconds[call] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        // Only now: the reader would need a core that the next call is using.
        foreach (var second in seconds)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} {second:F9}"));
    }

    private static IRankWork Make(string kind, int rank, int worldSize) => kind switch
    {
        "shared-memory" => GroupWork.SharedMemory(rank, worldSize),
        "tcp" => GroupWork.Tcp(),
        "copy" => new MemoryCopyWork(GroupWork.SharedMemory(rank, worldSize)),
        "sockets" => new SocketRingWork(GroupWork.Tcp()),
        _ => throw new ArgumentException($"There is no '{kind}'.", nameof(kind)),
    };
}
