using JointFusion.Training;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>A line a file; on a terminal it counts up.</summary>
internal sealed class PullProgressView(TextWriter error) : IDisposable
{
    private readonly bool redraws = !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    private bool open;
    private long drawn;

    public void Report(PullProgress value)
    {
        if (value.Received == 0)
            Begin(value);
        else if (redraws && 100 * value.Received / value.Bytes is var percent && percent != drawn)
            error.Write($"\r{Line(value)}, {drawn = percent} %");
    }

    /// <summary>Something else to be told, on a line of its own.</summary>
    public void Say(string message)
    {
        EndLine();
        error.WriteLine(message);
    }

    public void Dispose() => EndLine();

    private void Begin(PullProgress value)
    {
        EndLine();
        error.Write(Line(value));
        (open, drawn) = (true, 0);
    }

    private void EndLine()
    {
        if (open)
            error.WriteLine();
        open = false;
    }

    private static string Line(PullProgress value) => $"pull: {value.Name}, {value.Bytes:N0} bytes";
}
