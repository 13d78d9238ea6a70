using System.Runtime.InteropServices;

namespace JointFusion.Benchmarks;

/// <summary>Where and when a figure was measured.</summary>
internal static class Machine
{
    private const string CpuInfo = "/proc/cpuinfo";

    public static string Describe() =>
        $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {DateTime.UtcNow:yyyy-MM-dd}";

    /// <summary>Machines of one model's name differ in what they let a guest use, and with it in every figure: bf16 most of all.</summary>
    private static string Processor()
    {
        var flags = Line("flags").Split(' ');
        (string Flag, string Name)[] telling = [("avx512f", "AVX-512"), ("avx512_bf16", "bf16")];
        var extensions = string.Join(" and ", telling.Where(extension => flags.Contains(extension.Flag)).Select(extension => extension.Name));
        var model = Line("model name") is { Length: > 0 } name ? name : RuntimeInformation.ProcessArchitecture.ToString();
        return extensions.Length == 0 ? model : $"{model} with {extensions}";
    }

    /// <summary>Of the first processor; empty where nothing is told.</summary>
    private static string Line(string key)
    {
        var line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null ? "" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
