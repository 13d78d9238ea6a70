using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace JointFusion.Benchmarks;

/// <summary>Another trainer to stand beside ours: a Python program that trains an early-fusion encoder of a given size on synthetic pairs.</summary>
/// <param name="python">Interpreter.</param>
/// <param name="script">
/// Takes --synthetic --procs --threads --batch (pairs a process) --steps --warmup --width --depth --heads --mlp (times the width) --image
/// --patch --text --embed --vocab --fp32 or --bf16, and appends to --json FILE a line with <c>samples_per_s</c>, pairs of all processes, and <c>params</c>.
/// </param>
internal sealed class PeerTrainer(string python, string script)
{
    private const int Warmup = 4, Timed = 10;

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
        "--synthetic", "--procs", Text(processes), "--threads", "1", "--batch", Text(work.PairsAWorker),
        "--steps", Text(Warmup + Timed), "--warmup", Text(Warmup),
        "--width", Text(work.Tower.Width), "--depth", Text(work.Tower.Layers), "--heads", Text(work.Tower.Heads),
        "--mlp", Text((double)work.Tower.MlpWidth / work.Tower.Width),
        "--image", Text(StepCase.ImageSize), "--patch", Text(work.Shape.PatchSize), "--text", Text(StepCase.Tokens),
        "--embed", Text(work.Shape.EmbeddingWidth), "--vocab", Text(StepCase.Vocabulary), $"--{work.Precision}".ToLowerInvariant(),
    ];

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
