using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Training;

/// <summary>What this process has held of the machine's memory.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status", Peak = "VmHWM:";

    /// <summary>The most that was resident at any time. On Linux read straight from the kernel, since <see cref="Process"/> takes a millisecond.</summary>
    public static long PeakBytes()
    {
        const int kilobyte = 1024;
        if (OperatingSystem.IsLinux() && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Peak, StringComparison.Ordinal)) is { } line)
            return kilobyte * long.Parse(line.AsSpan(Peak.Length, line.Length - Peak.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture);
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
