using System.Globalization;
using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>How a node's machine is doing, for people: nothing is decided by it.</summary>
/// <param name="Load">Processes that ran or wanted to, mean of the last minute.</param>
/// <param name="MemoryUsed">Bytes that nothing else could have without swapping.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="At">By the node's clock.</param>
/// <param name="Celsius">Of the hottest sensor in its CPUs; null: it shows none.</param>
public sealed record NodeVitals(
    double Load, int Cores, long MemoryUsed, long MemoryTotal, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double? Celsius = null)
{
    private const string LoadFile = "/proc/loadavg", MemoryFile = "/proc/meminfo";

    /// <returns>Null where the system does not say, as all but Linux.</returns>
    public static NodeVitals? Read(DateTimeOffset now) => File.Exists(LoadFile) && File.Exists(MemoryFile)
        ? Parse(File.ReadAllText(LoadFile), File.ReadAllText(MemoryFile), Environment.ProcessorCount, now) is { } vitals ? vitals with { Celsius = Thermometers.HottestCelsius() } : null
        : null;

    /// <param name="load">Of /proc/loadavg.</param>
    /// <param name="memory">Of /proc/meminfo.</param>
    public static NodeVitals? Parse(string load, string memory, int cores, DateTimeOffset now)
    {
        if (!double.TryParse(load.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var processes)
            || Kilobytes(memory, "MemTotal:") is not { } total || Kilobytes(memory, "MemAvailable:") is not { } available)
            return null;
        return new NodeVitals(processes, cores, (total - available) * 1024, total * 1024, now);
    }

    private static long? Kilobytes(string memory, string name)
    {
        foreach (var line in memory.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal)
                && long.TryParse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
                return number;
        }
        return null;
    }
}
