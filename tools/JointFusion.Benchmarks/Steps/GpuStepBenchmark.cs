using System.CommandLine;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary><c>gpu-step</c>: a training step of one worker on a GPU, beside large matrix products and another trainer.</summary>
internal static class GpuStepBenchmark
{
    private const int StepsARound = 20;

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var peer = new Option<string?>("--peer") { Description = "A Python trainer to measure in turns, such as Steps/torch_trainer.py.", HelpName = "SCRIPT" };
        var python = new Option<string>("--python") { Description = "Its interpreter.", DefaultValueFactory = _ => "python3" };
        var command = new Command("gpu-step", "A training step on a GPU, its share of the matrix-product rate, and another trainer's.") { rounds, file, peer, python };
        command.SetAction(parsed => Run(
            parsed.GetValue(rounds),
            parsed.GetValue(file),
            parsed.GetValue(peer) is { } script ? new PeerTrainer(parsed.GetRequiredValue(python), script) : null));
        return command;
    }

    private static void Run(int rounds, FileInfo? file, PeerTrainer? peer)
    {
        var report = new Report("Training step on a GPU", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- gpu-step",
            "case", "pairs", "parameters", "pairs/s", "TFLOP/s", "products, TFLOP/s", "of products", "peer, pairs/s", "of peer");
        foreach (var work in StepCase.OnGpu)
            Measure(work, rounds, peer, report);
        report.Write(file,
            $"Early fusion, one worker; a pair is two items. Noise: pictures of 64 pixels, {StepCase.Tokens} tokens. fp32 is IEEE fp32, without TF32, in both trainers and the products.",
            $"Each round measures in turns {StepsARound} steps, large products, and the peer.");
    }

    private static void Measure(StepCase work, int rounds, PeerTrainer? peer, Report report)
    {
        var world = StepProcess.StartWorld(work, 1);
        try
        {
            var (pairs, products, peers) = (new Series(), new Series(), new Series());
            long peerParameters = 0;
            StepProcess.AskAll(world, $"steps {StepsARound}"); // The first steps load kernels.
            for (var round = 0; round < rounds; round++)
            {
                pairs.Add(work.PairsAWorker * 1e3 / StepProcess.AskAll(world, $"steps {StepsARound}").Max());
                products.Add(StepProcess.AskAll(world, "matmul").Sum() / 1e3);
                if (peer?.Measure(work, processes: 1) is { } measured)
                {
                    peers.Add(measured.PairsPerSecond);
                    peerParameters = measured.Parameters;
                }
            }
            var teraflops = pairs.Median * work.FlopsAPair!.Value / 1e12;
            report.Add(
                work.Name, $"{work.PairsAWorker}", $"{work.Plan.Parameters:N0}{(peerParameters > 0 ? $" (peer {peerParameters:N0})" : "")}",
                pairs.Text("0"), Text(teraflops, "0.0"), products.Text("0"), Text(teraflops / products.Median, "0.00"), peers.Text("0"), Text(pairs.Median / peers.Median, "0.00"));
        }
        finally
        {
            foreach (var rank in world)
                rank.Dispose();
        }
    }

    private static string Text(double number, string format) => double.IsNaN(number) ? "-" : number.ToString(format, CultureInfo.InvariantCulture);
}
