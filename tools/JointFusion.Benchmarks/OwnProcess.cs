using System.Diagnostics;
using JointFusion.Cli;

namespace JointFusion.Benchmarks;

/// <summary>This program once more, on one thread, in the environment that workers get.</summary>
internal static class OwnProcess
{
    /// <returns>With both its input and its output in the caller's hands.</returns>
    public static Process Start(params IEnumerable<string> arguments)
    {
        var own = Environment.ProcessPath!;
        var start = new ProcessStartInfo(own) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start.InWorkersEnvironment())!;
    }

    /// <summary>For contestants: the C library's memory, on huge pages, is as good for them.</summary>
    public static ProcessStartInfo InWorkersEnvironment(this ProcessStartInfo start)
    {
        foreach (var (name, value) in WorkerLaunches.Of(threads: 1).Environment)
            start.Environment[name] = value;
        return start;
    }
}
