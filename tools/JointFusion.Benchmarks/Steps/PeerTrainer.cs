using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>Another trainer to stand beside ours: a Python program that trains an early-fusion encoder of a given size on synthetic pairs or on a folder in M-BEIR layout.</summary>
/// <param name="python">Interpreter.</param>
/// <param name="script">
/// Takes --synthetic --vocab, or --data FOLDER, and --procs --threads --batch (pairs a process) --steps --warmup --width --depth --heads --mlp (times the width) --image
/// --patch --text --embed --fp32 or --bf16, --device cuda where it is to run on a GPU, and appends to --json FILE a line with <c>samples_per_s</c>, pairs of all processes, and <c>params</c>.
/// </param>
internal sealed class PeerTrainer(string python, string script)
{
    private const int Warmup = 4, Timed = 10, TimedOnGpu = 30;

    public (double PairsPerSecond, long Parameters) Measure(StepCase work, int processes)
    {
        var result = Path.GetTempFileName();
        try
        {
            Run([.. Arguments(work, processes), "--json", result]);
            var line = JsonDocument.Parse(File.ReadLines(result).Last()).RootElement;
            return (line.GetProperty("samples_per_s").GetDouble(), line.GetProperty("params").GetInt64());
        }
        finally
        {
            File.Delete(result);
        }
    }

    private static string[] Arguments(StepCase work, int processes) =>
    [
        .. work.Root is { } root ? ["--data", root] : (string[])["--synthetic", "--vocab", Text(SyntheticCase.Vocabulary)],
        "--procs", Text(processes), "--threads", "1", "--batch", Text(work.PairsAWorker),
        "--steps", Text(Warmup + (work.Device == Device.Cpu ? Timed : TimedOnGpu)), "--warmup", Text(Warmup),
        "--width", Text(Tower(work).Width), "--depth", Text(Tower(work).Layers), "--heads", Text(Tower(work).Heads),
        "--mlp", Text((double)Tower(work).MlpWidth / Tower(work).Width),
        "--image", Text(work.ImageSize), "--patch", Text(work.Plan.Shape.PatchSize), "--text", Text(StepCase.Tokens),
        "--embed", Text(work.Plan.Shape.EmbeddingWidth), $"--{work.Plan.Precision}".ToLowerInvariant(), .. work.Device == Device.Cpu ? [] : (string[])["--device", $"{work.Device}".ToLowerInvariant()],
    ];

    private static TransformerShape Tower(StepCase work) => work.Plan.Shape.Joint!;

    private void Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, [script, .. arguments]) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{python} {script} ended with {process.ExitCode}; its error stands above.");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
