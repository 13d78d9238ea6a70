using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>Another trainer's all-reduce: a Python program that measures gloo between processes of this machine.</summary>
/// <param name="python">Interpreter.</param>
/// <param name="script">
/// Takes <c>gloo --procs N</c> and prints rows <c>| transport | all_reduce | processes | KiB | calls | median ms [least..most] | ...</c>
/// </param>
internal sealed class PeerContestant(string python, string script)
{
    private const int Operation = 2, Kibibytes = 4, Milliseconds = 6;

    /// <returns>The median of as many calls as the program thinks fit, as one.</returns>
    public ILookup<int, double> Run(int worldSize, int volume, IReadOnlyList<int> sizes)
    {
        using var process = Process.Start(new ProcessStartInfo(python, [script, "gloo", "--procs", Text(worldSize)]) { RedirectStandardOutput = true }.InWorkersEnvironment())!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{python} {script} ended with {process.ExitCode}; its error stands above.");
        return lines.Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > Milliseconds && cells[Operation] == "all_reduce")
            .Select(cells => (Bytes: Number(cells[Kibibytes]) * 1024, Seconds: Number(cells[Milliseconds].Split(' ')[0]) / 1e3))
            .Where(time => sizes.Contains((int)time.Bytes))
            .ToLookup(time => (int)time.Bytes, time => time.Seconds);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
