using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>A process that loads a folder's pictures as it is told to, over and over.</summary>
internal sealed class PictureLoader : IDisposable
{
    private readonly Process process;

    private PictureLoader(Process process) => this.process = process;

    /// <summary>PIL, by pil.py.</summary>
    /// <param name="peer">A script that has PIL's ways to load a picture; see pil.py.</param>
    public static PictureLoader Pil(string python, string peer, string folder)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Images", "pil.py");
        return new(Process.Start(new ProcessStartInfo(python, [script, peer, folder]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
    }

    /// <summary>This program's image processors, as a worker has them.</summary>
    public static PictureLoader Own(string folder) => new(OwnProcess.Start(OwnLoader.Verb, folder));

    /// <returns>Processor seconds of one pass over all pictures.</returns>
    public double Time(string way) => Ask($"time {way}");

    /// <returns>Those of all pictures, one after the other, interleaved.</returns>
    public byte[] Pixels(string way)
    {
        var file = Path.GetTempFileName();
        try
        {
            Ask($"pixels {way} {file}");
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>PIL writes the first pictures again, four times as large a side.</summary>
    public void Enlarge(int count, string folder) => Ask($"enlarge {count} {folder}");

    public void Dispose()
    {
        process.StandardInput.Close(); // The end of its orders.
        process.WaitForExit();
        process.Dispose();
    }

    private double Ask(string order)
    {
        process.StandardInput.WriteLine(order);
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A process that loads pictures has ended; its error stands above.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }
}
