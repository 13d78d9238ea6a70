using System.CommandLine;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary><c>step-exchange</c>: what of a step two workers of one thread spend in collectives, and what it would bring to sum gradients beside backward.</summary>
internal static class StepExchangeBenchmark
{
    private const int StepsARound = 4;

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("step-exchange", "A training step of two workers, over shared memory and TCP: time in collectives, and the step with its gradients summed beside it.") { rounds, file };
        command.SetAction(parsed => Run(parsed.GetValue(rounds), parsed.GetValue(file)));
        return command;
    }

    private static void Run(int rounds, FileInfo? file)
    {
        var report = new Report("Exchange within a training step", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- step-exchange",
            "case", "transport", "step, ms", "in collectives, ms", "of the step", "step with its gradients summed beside it, ms", "of the step");
        foreach (var work in StepCase.All(Precision.Fp32, root: null))
            foreach (var transport in (Transport[])[Transport.SharedMemory, Transport.Tcp])
                Measure(work, transport, rounds, report);
        report.Write(file,
            "Early fusion, two workers of one thread each on two cores. In collectives: all of the step's, waits for the later worker included, of the worker that spends less there.",
            "Beside: another thread sums as many numbers over a second group from the step's beginning, as if every gradient were ready then: the most that",
            "sending buckets while backward goes on could bring. Each round measures both in turns, " + $"{StepsARound} steps each.");
    }

    private static void Measure(StepCase work, Transport transport, int rounds, Report report)
    {
        var ranks = StepProcess.StartWorld(work, 2, transport);
        try
        {
            var (steps, exchange, beside) = (new Series(), new Series(), new Series());
            StepBenchmark.Warm(ranks, work.Warmup);
            for (var round = 0; round < rounds; round++)
            {
                steps.Add(StepProcess.AskAll(ranks, $"steps {StepsARound}").Max());
                exchange.Add(StepProcess.AskAll(ranks, "exchange").Min());
                beside.Add(StepProcess.AskAll(ranks, $"beside {StepsARound}").Max());
            }
            report.Add(
                work.Name, transport == Transport.Tcp ? "tcp" : "shared_memory", steps.Text("0.0"), exchange.Text("0.00"), Share(exchange.Median / steps.Median),
                beside.Text("0.0"), Share(beside.Median / steps.Median));
        }
        finally
        {
            foreach (var rank in ranks)
                rank.Dispose();
        }
    }

    private static string Share(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);
}
