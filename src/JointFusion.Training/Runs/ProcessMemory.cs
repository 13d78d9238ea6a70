using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Training;

/// <summary>What this process has held of the machine's memory.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status", Peak = "VmHWM:";

    private static readonly Lock Gate = new();
    private static long highest;

    /// <summary>The most that was resident at any time. The kernel's own figure lags behind its counters, and can fall by some pages; this one never falls.</summary>
    public static long PeakBytes()
    {
        lock (Gate)
            return highest = Math.Max(highest, KernelsPeak());
    }

    /// <summary>On Linux read straight from the kernel, since <see cref="Process"/> takes a millisecond.</summary>
    private static long KernelsPeak()
    {
        const int kilobyte = 1024;
        if (OperatingSystem.IsLinux() && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Peak, StringComparison.Ordinal)) is { } line)
            return kilobyte * long.Parse(line.AsSpan(Peak.Length, line.Length - Peak.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture);
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
