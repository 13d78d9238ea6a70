using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>The same pictures by our image processors: SigLIP's, which squeezes into a square as the peer does, so that both compute the same.</summary>
internal sealed class OwnLoading
{
    private const string Config = """
        { "image_processor_type": "SiglipImageProcessor", "size": { "height": 224, "width": 224 }, "resample": 3,
          "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5] }
        """;

    private readonly string[] files;
    private readonly IImageProcessor exact, fast;

    /// <param name="scratch">A folder for the configuration.</param>
    public OwnLoading(string folder, string scratch)
    {
        files = [.. Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)];
        File.WriteAllText(Path.Combine(scratch, "preprocessor_config.json"), Config);
        (exact, fast) = (ImageProcessorFolder.Open(scratch, ImageMode.Exact), ImageProcessorFolder.Open(scratch, ImageMode.Fast));
    }

    public int Count => files.Length;

    public double TimeExact() => Time(path => exact.Process(path));

    public double TimeFloats() => Time(path => exact.Scale.Apply(exact.Process(path)));

    public double TimeFast() => Time(path => fast.Process(path));

    public byte[] Exact() => [.. files.SelectMany(path => Interleaved(exact.Process(path).Pixels))];

    public byte[] Fast() => [.. files.SelectMany(path => Interleaved(fast.Process(path).Pixels))];

    /// <summary>Of all threads of this process, seconds.</summary>
    private double Time(Action<string> load)
    {
        var start = Environment.CpuUsage.TotalTime;
        foreach (var path in files)
            load(path);
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>Planes to pixels, as PIL has them.</summary>
    private static IEnumerable<byte> Interleaved(byte[] planes)
    {
        var plane = planes.Length / 3;
        return Enumerable.Range(0, planes.Length).Select(i => planes[(i % 3 * plane) + (i / 3)]);
    }
}
