using System.CommandLine;
using System.Globalization;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>Pictures by our image processors, in a process that takes orders as pil.py does: SigLIP's, which squeezes into a square as the peer does, so that both compute the same.</summary>
internal sealed class OwnLoader
{
    public const string Verb = "images-own";

    private const string Config = """
        { "image_processor_type": "SiglipImageProcessor", "size": { "height": 224, "width": 224 }, "resample": 3,
          "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5] }
        """;

    private readonly string[] files;
    private readonly IImageProcessor exact, fast;

    private OwnLoader(string folder)
    {
        files = [.. Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)];
        var scratch = Directory.CreateTempSubdirectory("images-benchmark-");
        File.WriteAllText(Path.Combine(scratch.FullName, "preprocessor_config.json"), Config);
        (exact, fast) = (ImageProcessorFolder.Open(scratch.FullName, ImageMode.Exact), ImageProcessorFolder.Open(scratch.FullName, ImageMode.Fast));
        scratch.Delete(recursive: true);
    }

    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER");
        var command = new Command(Verb) { folder };
        command.Hidden = true;
        command.SetAction(parsed => new OwnLoader(parsed.GetRequiredValue(folder)).Serve());
        return command;
    }

    private void Serve()
    {
        while (Console.ReadLine() is { } line)
        {
            var start = Environment.CpuUsage.TotalTime; // Of all threads of this process.
            Obey(line.Split(' ', 3));
            Console.WriteLine((Environment.CpuUsage.TotalTime - start).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Obey(string[] order)
    {
        if (order is ["time", var way])
            foreach (var path in files)
                Load(way, path);
        else if (order is ["pixels", var kind, var file])
            File.WriteAllBytes(file, [.. files.SelectMany(path => Interleaved((kind == "fast" ? fast : exact).Process(path).Pixels))]);
        else
            throw new ArgumentException($"No such order: {string.Join(' ', order)}", nameof(order));
    }

    private void Load(string way, string path)
    {
        var picture = (way == "fast" ? fast : exact).Process(path);
        if (way == "floats")
            exact.Scale.Apply(picture);
    }

    /// <summary>Planes to pixels, as PIL has them.</summary>
    private static IEnumerable<byte> Interleaved(byte[] planes)
    {
        var plane = planes.Length / 3;
        return Enumerable.Range(0, planes.Length).Select(i => planes[(i % 3 * plane) + (i / 3)]);
    }
}
