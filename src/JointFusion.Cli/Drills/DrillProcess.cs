using System.Diagnostics;

namespace JointFusion.Cli;

/// <summary>One <c>jf</c> of a drill's cluster, what it says kept in a file.</summary>
internal sealed class DrillProcess : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>What would lead it to another cluster than the drill's.</summary>
    private static readonly string[] Foreign = ["JF_SERVER", "JF_CERTS", "JF_TOKEN"];

    private readonly Process process;
    private readonly StreamWriter log;
    private readonly List<string> lines = [];

    private DrillProcess(Process process, StreamWriter log)
    {
        (this.process, this.log) = (process, log);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public int Id => process.Id;

    /// <param name="home">Folder of its own: its state, its temporary files, and what it says.</param>
    public static DrillProcess Start(Machine machine, string home, params IEnumerable<string> arguments)
    {
        string[] command = [.. machine.Enter, .. OwnProgram.Command, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = home, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in Foreign)
            start.Environment.Remove(name);
        start.Environment["JF_STATE"] = StateOf(home);
        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(home, "tmp")).FullName;
        start.Environment["NO_COLOR"] = "1";
        var log = new StreamWriter(Path.Combine(home, "output.log"), append: true) { AutoFlush = true };
        var started = new DrillProcess(new Process { StartInfo = start }, log);
        started.process.Start();
        started.process.BeginOutputReadLine();
        started.process.BeginErrorReadLine();
        return started;
    }

    public static string StateOf(string home) => Path.Combine(home, "state");

    /// <summary>Waits for a line that begins so; the rest of it.</summary>
    /// <exception cref="DrillException">It ended before.</exception>
    public async Task<string> LineAsync(string beginning, CancellationToken cancel)
    {
        while (true)
        {
            var ended = process.HasExited;
            lock (lines)
                if (lines.Find(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } line)
                    return line[beginning.Length..];
            if (ended)
                throw new DrillException($"{process.StartInfo.WorkingDirectory}: a jf ended before it said \"{beginning}\": {Last()}");
            await Task.Delay(Look, cancel);
        }
    }

    /// <summary>SIGKILL to it alone: its workers see its end as they would see its machine's.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Ends it and its workers at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        lock (lines)
            log.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (lines)
        {
            lines.Add(line);
            log.WriteLine(line);
        }
    }

    private string Last()
    {
        lock (lines)
            return string.Join(" | ", lines.TakeLast(3));
    }
}
