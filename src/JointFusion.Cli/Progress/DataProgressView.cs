using JointFusion.Data;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>A bar that is redrawn in place on a terminal, and a line a phase elsewhere. Silent when there is nothing to build.</summary>
internal sealed class DataProgressView(TextWriter error) : IProgress<DataProgress>, IDisposable
{
    private const int Width = 30;

    private readonly Lock gate = new();
    private readonly bool redraws = !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    private string phase = "";
    private int drawn = -1;

    public void Report(DataProgress value)
    {
        lock (gate)
        {
            var done = value.Total == 0 ? Width : (int)((long)Width * value.Done / value.Total);
            if (value.Phase != phase)
                Begin(value.Phase);
            if (!redraws || done == drawn)
                return;
            drawn = done;
            error.Write($"\rdata: {phase,-32} {new string('━', done)}{new string('─', Width - done)}");
        }
    }

    public void Dispose()
    {
        if (redraws && phase.Length > 0)
            error.WriteLine();
    }

    private void Begin(string next)
    {
        if (!redraws)
            error.WriteLine($"data: {next}");
        else if (phase.Length > 0)
            error.WriteLine();
        (phase, drawn) = (next, -1);
    }
}
