using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary><c>step</c>: a training step on 1 and 2 workers of one thread, beside large matrix products and, if one is given, another trainer.</summary>
internal static class StepBenchmark
{
    private const int StepsARound = 8;

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var peer = new Option<string?>("--peer") { Description = "A Python trainer to measure in turns: see PeerTrainer.cs for what it must take.", HelpName = "SCRIPT" };
        var python = new Option<string>("--python") { Description = "Its interpreter.", DefaultValueFactory = _ => "python3" };
        var precision = new Option<Precision>("--precision") { Description = "fp32 or bf16, which is slow on a processor without its instructions.", DefaultValueFactory = _ => Precision.Fp32 };
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder in M-BEIR layout, such as jf data icons --out makes: its tasks, mixed, are measured too.", HelpName = "FOLDER" };
        var only = new Option<string>("--case") { Description = "Those alone whose name has this in it.", DefaultValueFactory = _ => "" };
        var command = new Command("step", "A training step, its share of the matrix-product rate, and how it scales from one worker to two.") { rounds, file, peer, python, precision, data, only };
        command.SetAction(parsed => Run(
            [.. StepCase.All(parsed.GetValue(precision), parsed.GetValue(data)?.FullName).Where(work => work.Name.Contains(parsed.GetRequiredValue(only), StringComparison.OrdinalIgnoreCase))],
            parsed.GetValue(rounds),
            parsed.GetValue(file),
            parsed.GetValue(peer) is { } script ? new PeerTrainer(parsed.GetRequiredValue(python), script) : null));
        return command;
    }

    private static void Run(IReadOnlyList<StepCase> cases, int rounds, FileInfo? file, PeerTrainer? peer)
    {
        var report = new Report("Training step", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- step",
            "case", "parameters", "1 worker, pairs/s", "2 workers, pairs/s", "of twice 1 worker", "2 that never meet, pairs/s", "of these", "2 workers, GFLOP/s", "products, GFLOP/s", "of twice 1 process's", "of products", "peer, 2 processes, pairs/s", "of peer");
        foreach (var work in cases)
            Measure(work, rounds, peer, report);
        report.Write(file,
            "Early fusion, workers of one thread each joined by shared memory; a pair is two items. A worker's share of a step:",
            $"{string.Join(", ", cases.Select(work => $"{work.PairsAWorker} pairs ({work.Name})"))}. Noise: pictures of 64 pixels in patches of 8, {StepCase.Tokens} tokens.",
            $"Data: all tasks mixed, with instructions; the peer pads each item to a whole picture and {StepCase.Tokens} words, we pad nothing.",
            $"Each round measures in turns {StepsARound} steps of 1 worker, of 2 workers, of 2 worlds of 1 worker at once (what two cores give when nothing is exchanged), 1024 x 1024 products, as training computes them, in one process and in two at once, and the peer.");
    }

    private static void Measure(StepCase work, int rounds, PeerTrainer? peer, Report report)
    {
        var one = StepProcess.StartWorld(work, 1);
        var two = StepProcess.StartWorld(work, 2);
        StepProcess[] strangers = [.. one, .. StepProcess.StartWorld(work, 1)];
        try
        {
            var (alone, together, unjoined, oneProduct, products, peers) = (new Series(), new Series(), new Series(), new Series(), new Series(), new Series());
            long peerParameters = 0;
            foreach (var ranks in (StepProcess[][])[strangers, two])
                Warm(ranks, work.Warmup);
            for (var round = 0; round < rounds; round++)
            {
                alone.Add(work.PairsAWorker * 1e3 / StepProcess.AskAll(one, $"steps {StepsARound}").Max());
                together.Add(2 * work.PairsAWorker * 1e3 / StepProcess.AskAll(two, $"steps {StepsARound}").Max());
                unjoined.Add(2 * work.PairsAWorker * 1e3 / StepProcess.AskAll(strangers, $"steps {StepsARound}").Max());
                oneProduct.Add(StepProcess.AskAll(one, "matmul").Sum());
                products.Add(StepProcess.AskAll(two, "matmul").Sum());
                if (peer?.Measure(work, processes: 2) is { } measured)
                {
                    peers.Add(measured.PairsPerSecond);
                    peerParameters = measured.Parameters;
                }
            }
            var gflops = together.Median * (work.FlopsAPair ?? double.NaN) / 1e9;
            report.Add(
                work.Name,
                $"{work.Plan.Parameters:N0}{(peerParameters > 0 ? $" (peer {peerParameters:N0})" : "")}",
                alone.Text("0.0"), together.Text("0.0"), Ratio(together.Median / (2 * alone.Median)), unjoined.Text("0.0"), Ratio(together.Median / unjoined.Median),
                double.IsNaN(gflops) ? "-" : gflops.ToString("0.0", CultureInfo.InvariantCulture), products.Text("0.0"), Ratio(products.Median / (2 * oneProduct.Median)), Ratio(gflops / products.Median),
                peers.Text("0.0"), Ratio(together.Median / peers.Median));
        }
        finally
        {
            foreach (var rank in strangers.Concat(two))
                rank.Dispose();
        }
    }

    public static void Warm(StepProcess[] ranks, TimeSpan atLeast)
    {
        var start = Stopwatch.GetTimestamp();
        do
            StepProcess.AskAll(ranks, $"steps {StepsARound}");
        while (Stopwatch.GetElapsedTime(start) < atLeast);
    }

    private static string Ratio(double ratio) => double.IsNaN(ratio) ? "-" : ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
