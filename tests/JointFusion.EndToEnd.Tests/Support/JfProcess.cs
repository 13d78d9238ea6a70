using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The real `jf` as a child process, its output collected; killed with its workers if a test leaves it running.</summary>
public sealed class JfProcess : IAsyncDisposable
{
    private const int Sigint = 2;

    /// <summary>As it was built for its users, compiled ahead of time: what lies beside the tests is a link to it.</summary>
    private static readonly string Program = File.ResolveLinkTarget(Beside, returnFinalTarget: true)?.FullName ?? Beside;

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private JfProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    private static string Beside => Path.Combine(AppContext.BaseDirectory, "jf.dll");

    public string Output => Read(output);

    public string Errors => Read(errors);

    public static JfProcess Start(string workingFolder, params IEnumerable<string> arguments) =>
        Start(workingFolder, ImmutableDictionary<string, string>.Empty, arguments);

    /// <param name="environment">Added to this process's.</param>
    public static JfProcess Start(string workingFolder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        // A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that: env takes the default back, then becomes jf.
        var start = new ProcessStartInfo("env")
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_WAIT_POLICY"] = "PASSIVE", ["NO_COLOR"] = "1", ["JF_CACHE"] = TestPaths.Cache, ["JF_STATE"] = TestPaths.State },
        };
        foreach (var argument in (string[])["--default-signal=INT", "dotnet", Program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new JfProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."));
    }

    /// <summary>Runs to the end.</summary>
    public static Task<JfResult> RunAsync(string workingFolder, params IEnumerable<string> arguments) =>
        RunAsync(workingFolder, ImmutableDictionary<string, string>.Empty, arguments);

    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<JfResult> RunAsync(string workingFolder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        await using var jf = Start(workingFolder, environment, arguments);
        return await jf.EndAsync();
    }

    /// <param name="longest">Null: five minutes.</param>
    public async Task<JfResult> EndAsync(TimeSpan? longest = null)
    {
        var most = longest ?? TimeSpan.FromMinutes(5);
        using var limit = new CancellationTokenSource(most);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"jf did not end within {most.TotalMinutes} minutes.\n{Output}\n{Errors}");
        }
        return new JfResult(process.ExitCode, Output, Errors);
    }

    /// <summary>Waits for a line of output that begins so and has this in it; the rest of it.</summary>
    public async Task<string> LineAsync(string beginning, string containing = "")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var ended = process.HasExited;
            if (Output.Split(Environment.NewLine).FirstOrDefault(Matches) is { } line)
                return line[beginning.Length..];
            if (ended)
                throw new InvalidOperationException($"jf ended before it said \"{beginning}\".\n{Output}\n{Errors}");
            await Task.Delay(50, limit.Token);
        }

        bool Matches(string line) => line.StartsWith(beginning, StringComparison.Ordinal) && line.Contains(containing, StringComparison.Ordinal);
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal(process.Id, Sigint);

    public static void Signal(int pid, int signal)
    {
        if (kill(pid, signal) != 0)
            throw new InvalidOperationException($"kill({pid}, {signal}): error {Marshal.GetLastPInvokeError()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private static void Append(StringBuilder to, string? line)
    {
        lock (to)
            to.AppendLine(line);
    }

    private static string Read(StringBuilder from)
    {
        lock (from)
            return from.ToString();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}

public sealed record JfResult(int ExitCode, string Output, string Errors);
