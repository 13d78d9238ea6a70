using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using JointFusion.Experiments;
using JointFusion.Training;
using static TorchSharp.torch;

namespace JointFusion.Benchmarks;

/// <summary><c>checkpoint</c>: what a save costs the step beside a copy of the same memory, and what it costs in all beside a plain write and sync.</summary>
internal static class CheckpointBenchmark
{
    private const int Tensors = 120;
    private const double Megabyte = 1e6;

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var megabytes = new Option<int>("--megabytes") { Description = "Of weights and both moments together.", DefaultValueFactory = _ => 500 };
        var folder = new Option<DirectoryInfo>("--folder") { Description = "On the disk to measure.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("checkpoint", "The stall of a step, the whole save, and training while it is written.") { rounds, megabytes, folder, file };
        command.SetAction(parsed =>
        {
            var scratch = Directory.CreateDirectory(Path.Combine(parsed.GetRequiredValue(folder).FullName, $"checkpoint-benchmark-{Environment.ProcessId}"));
            try
            {
                Run(parsed.GetValue(rounds), parsed.GetValue(megabytes), scratch.FullName, parsed.GetValue(file));
            }
            finally
            {
                scratch.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Run(int rounds, int megabytes, string scratch, FileInfo? file)
    {
        using var state = new SyntheticState(megabytes, Tensors);
        var (copy, stall, write, save, still, writing) = (new Series(), new Series(), new Series(), new Series(), new Series(), new Series());
        var failures = new List<string>();
        using var store = new CheckpointStore(new RunFolder(scratch), new CheckpointSpec(), new CheckpointOwner("benchmark", "science", "plan", 1, 1),
            new CheckpointEvents(_ => { }, (_, cause) => failures.Add(cause.Message)));
        set_num_threads(1);
        state.Copy(); // Its target's pages are there from now on, as those of the store's buffer are after its first save.
        store.Save(state.At(1));
        store.Flush();
        for (var round = 0; round < rounds; round++)
        {
            copy.Add(Milliseconds(state.Copy));
            write.Add(Milliseconds(() => state.WriteAndSync(Path.Combine(scratch, "plain"))));
            still.Add(MatrixProducts.FlopsPerSecond(CPU, products: 20) / 1e9);
            var start = Stopwatch.GetTimestamp();
            stall.Add(store.Save(state.At(round + 2)).Copied.TotalMilliseconds);
            store.Flush();
            save.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            store.Save(state.At(rounds + round + 2));
            writing.Add(MatrixProducts.FlopsPerSecond(CPU, products: 20) / 1e9);
            store.Flush();
        }
        if (failures.Count > 0)
            throw new InvalidOperationException(failures[0]);
        Write(file, state.Bytes, copy, stall, write, save, still, writing);
    }

    private static void Write(FileInfo? file, long bytes, Series copy, Series stall, Series write, Series save, Series still, Series writing)
    {
        string Rate(Series milliseconds) => (bytes / Megabyte / (milliseconds.Median / 1e3)).ToString("0", CultureInfo.InvariantCulture);
        var report = new Report("Checkpoint", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- checkpoint", "what", "ms", "MB/s", "beside its limit");
        report.Add("memory copy of the state (limit)", copy.Text("0"), Rate(copy), "");
        report.Add("stall of a step", stall.Text("0"), Rate(stall), $"{stall.Median / copy.Median:0.00} x the copy");
        report.Add("plain write and fsync (limit)", write.Text("0"), Rate(write), "");
        report.Add("whole save: copy, write, hashes, fsync, rename, the oldest deleted", save.Text("0"), Rate(save), $"{write.Median / save.Median:0.00} of the plain write's rate");
        report.Write(file,
            $"{bytes / Megabyte:0} MB in {Tensors} tensors, everything in turns. A training thread's matrix products meanwhile: {writing.Text("0.0")} GFLOP/s,",
            $"without a write {still.Text("0.0")}: {writing.Median / still.Median:0.00}.");
    }

    private static double Milliseconds(Action act)
    {
        var start = Stopwatch.GetTimestamp();
        act();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
