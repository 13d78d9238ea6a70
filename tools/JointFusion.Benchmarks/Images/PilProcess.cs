using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>PIL in a process of its own (pil.py), with a folder of pictures in memory.</summary>
internal sealed class PilProcess : IDisposable
{
    private readonly Process process;

    /// <param name="peer">A script that has PIL's ways to load a picture; see pil.py.</param>
    public PilProcess(string python, string peer, string folder)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Images", "pil.py");
        process = Process.Start(new ProcessStartInfo(python, [script, peer, folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <returns>Processor seconds that it took.</returns>
    public double Ask(string order)
    {
        process.StandardInput.WriteLine(order);
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PIL's process has ended; its error stands above.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close(); // The end of its orders.
        process.WaitForExit();
        process.Dispose();
    }
}
