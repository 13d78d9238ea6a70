using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>The GPUs that workers of this process may use, by the names that CUDA_VISIBLE_DEVICES has for them.</summary>
internal static class VisibleDevices
{
    /// <summary>Of this machine and this process's environment; empty: none.</summary>
    public static ImmutableArray<string> Here { get; } = Of(Environment.GetEnvironmentVariable(WorkerLaunch.DevicesVariable), NvidiaDevices.Count());

    /// <param name="inherited">CUDA_VISIBLE_DEVICES: numbers or UUIDs; null: not set, and all are visible.</param>
    /// <param name="installed">GPUs of the machine.</param>
    public static ImmutableArray<string> Of(string? inherited, int installed) => inherited is null
        ? [.. Enumerable.Range(0, installed).Select(device => device.ToString(CultureInfo.InvariantCulture))]
        : [.. inherited.Split(',').Select(name => name.Trim()).TakeWhile(name => name.Length > 0 && !name.StartsWith('-'))]; // CUDA too reads no further than the first that is none.
}
