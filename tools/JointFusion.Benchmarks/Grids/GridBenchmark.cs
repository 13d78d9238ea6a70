using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using JointFusion.Data;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Benchmarks;

/// <summary><c>grids</c>: 32 pictures of 16 sizes with their texts through Qwen2-VL, all in one pass beside a pass for each size, in turns.</summary>
internal static class GridBenchmark
{
    private const int PicturesPerSize = 2, TextTokens = 8;

    private static readonly int[] Sides = [4, 8, 12, 16];

    private static readonly RandomQwen2Vl[] Models =
    [
        new("narrow: 160 and 256 wide", VisionHeads: 2, Heads: 2, MlpWidth: 1024),
        new("wide: 640 and 768 wide", VisionHeads: 8, Heads: 6, MlpWidth: 4480),
    ];

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var narrow = new Option<bool>("--narrow") { Description = "The narrow model alone." };
        var cuda = new Option<bool>("--cuda") { Description = "On the GPU, in bfloat16." };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("grids", "Pictures of many sizes through Qwen2-VL, together beside size by size.") { rounds, narrow, cuda, file };
        command.SetAction(parsed =>
        {
            var scratch = Directory.CreateTempSubdirectory("grids-benchmark-");
            try
            {
                Run(parsed.GetValue(rounds), parsed.GetValue(narrow) ? Models[..1] : Models, parsed.GetValue(cuda) ? CUDA : CPU, scratch.FullName, parsed.GetValue(file));
            }
            finally
            {
                scratch.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Run(int rounds, RandomQwen2Vl[] models, torch.Device device, string scratch, FileInfo? file)
    {
        var report = new Report("Pictures of many sizes", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- grids",
            "model", "what", "size by size, ms", "together, ms", "tokens/s, size by size", "tokens/s, together", "times as fast");
        ItemBatch[] sizes = [.. Batches()];
        var tokens = sizes.Sum(size => (size.PatchOffsets[^1] / 4) + size.TextOffsets[^1] + (2 * size.Count));
        foreach (var model in models)
        {
            var folder = Path.Combine(scratch, model.Name.Split(':')[0]);
            model.Write(folder);
            using var retriever = Retriever(folder, device);
            foreach (var train in (bool[])[false, true])
                Measure(report, model.Name, retriever, sizes, tokens, rounds, train);
        }
        report.Write(file, $"{sizes.Sum(size => size.Count)} pictures of {sizes.Length} sizes, {sizes.Sum(size => size.PatchOffsets[^1])} patches, {tokens} tokens of the language model, {TextTokens} of text with each picture; 4 layers of either tower,",
            device.type == DeviceType.CPU ? $"float32. Processor time of all {get_num_threads()} threads together: other programs on the machine lengthen it less than they do the clock's." : "bfloat16.",
            "Size by size is a pass for the pictures of each size, as batches were encoded before they were packed.");
    }

    private static void Measure(Report report, string model, Retriever retriever, ItemBatch[] sizes, int tokens, int rounds, bool train)
    {
        var (apart, together) = (new Series(), new Series());
        for (var round = -1; round < rounds; round++)
        {
            var slow = Milliseconds(retriever, () => [.. sizes.Select(size => retriever.call(size))], train);
            var fast = Milliseconds(retriever, () => [retriever.Encode(sizes)], train);
            if (round < 0)
                continue;
            apart.Add(slow);
            together.Add(fast);
        }
        string Rate(Series series) => (tokens / (series.Median / 1e3)).ToString("0", CultureInfo.InvariantCulture);
        report.Add(model, train ? "forward and backward" : "forward", apart.Text("0"), together.Text("0"), Rate(apart), Rate(together),
            (apart.Median / together.Median).ToString("0.00", CultureInfo.InvariantCulture));
    }

    /// <summary>Of a processor's work, or by the clock where the work is a GPU's.</summary>
    private static double Milliseconds(Retriever retriever, Func<Tensor[]> encode, bool train)
    {
        using var scope = NewDisposeScope();
        using var gradients = train ? enable_grad() : no_grad();
        var onGpu = retriever.LogTemperature.device_type == DeviceType.CUDA;
        var (start, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var embeddings_NE = cat(encode(), 0);
        if (train)
            embeddings_NE.sum().backward();
        else
            embeddings_NE.sum().ToNumber(); // waits for the device
        if (!onGpu)
            return (Environment.CpuUsage.TotalTime - busy).TotalMilliseconds;
        cuda.synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static Retriever Retriever(string folder, torch.Device device)
    {
        var backbone = (SequenceBackbone)Backbone.Load(folder, device.type == DeviceType.CPU ? ScalarType.Float32 : ScalarType.BFloat16, device);
        IReadOnlyList<int> Tokenize(string stretch) => [.. stretch.Select(character => (int)character)];
        var prompted = new PromptedBackbone(backbone, Prompts.Parse("{text}", "{image}", "{image}{text}", Tokenize), new ChannelScale([0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]), Causal: true);
        var retriever = new Retriever(new OneTowerEncoder(prompted, new SequencePooling.LastToken()), new ScoreScale(0.07, 0.01), JointFusion.Experiments.PixelScale.Unit);
        retriever.to(device);
        return retriever;
    }

    private static IEnumerable<ItemBatch> Batches()
    {
        var random = new Random(1);
        foreach (var rows in Sides)
            foreach (var columns in Sides)
                yield return Enumerable.Range(0, PicturesPerSize).Select(_ => Item(random, rows, columns)).Aggregate(ItemBatch.Join);
    }

    private static ItemBatch Item(Random random, int rows, int columns)
    {
        const int patchBytes = 3 * RandomQwen2Vl.PatchSize * RandomQwen2Vl.PatchSize;
        var bytes = new byte[rows * columns * patchBytes];
        random.NextBytes(bytes);
        return new ItemBatch
        {
            Count = 1,
            Tokens = [.. Enumerable.Range(0, TextTokens).Select(_ => random.Next(900))],
            TextOffsets = [0, TextTokens],
            Patches = bytes,
            PatchOffsets = [0, rows * columns],
            PatchBytes = patchBytes,
            PatchColumns = [columns],
        };
    }
}
