using System.Text.Json;
using JointFusion.Experiments;
using Parquet;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The verbs for what has been trained, on an experiment that is over: as its user types them.</summary>
public sealed class SavedVerbsTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private string Early => undisturbed.Experiment.Result.Run("early").Path;

    private string Picture => Directory.GetFiles(Path.Combine(undisturbed.Data, "mbeir_images"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    [Fact]
    public async Task Should_FindCandidatesByTextPictureAndBoth_When_Searched()
    {
        var text = await JsonAsync("search", Early, "--text", "a red heart", "--task", "0", "--json");
        var picture = await JsonAsync("search", Early, "--image", Picture, "--task", "3", "--top", "4", "--json");
        var both = await JsonAsync("search", Early, "--image", Picture, "--text", "Add an arrow.", "--task", "7", "--json");

        Assert.Equal((10, "image"), (Hits(text).Length, Hits(text).Select(hit => hit.GetProperty("modality").GetString()).Distinct().Single()));
        Assert.Equal((4, "text"), (Hits(picture).Length, Hits(picture).Select(hit => hit.GetProperty("modality").GetString()).Distinct().Single()));
        Assert.Equal(10, Hits(both).Length);
        Assert.True(both.GetProperty("own_picture_left_out").GetBoolean());
        Assert.NotNull(both.GetProperty("instruction").GetString());
        foreach (var answer in (JsonElement[])[text, picture, both])
        {
            var scores = Hits(answer).Select(hit => hit.GetProperty("score").GetDouble()).ToArray();
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.All(Hits(answer), hit => Assert.True(hit.GetProperty("image").GetString() is not { } image || File.Exists(Path.Combine(undisturbed.Data, image))));
        }
    }

    [Fact]
    public async Task Should_PrintATableAndEmbedOnce_When_SearchedTwice()
    {
        var step = $"step-{SmallExperiment.Steps - 5:D6}";
        var first = await JfAsync("search", Path.Combine(Early, "checkpoints", step), "--text", "a red heart", "--top", "3");
        var second = await JfAsync("search", Early, "--checkpoint", $"{SmallExperiment.Steps - 5}", "--text", "a red heart", "--top", "3");

        Assert.Equal(first.Output, second.Output);
        Assert.Contains($"small, run early, step {SmallExperiment.Steps - 5}, among", first.Output, StringComparison.Ordinal);
        Assert.Equal(3, first.Output.Split('\n').Count(line => line.TrimStart().Length > 0 && char.IsAsciiDigit(line.TrimStart()[0])));
        Assert.Contains("embedding the candidates", first.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("embedding the candidates", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_SayWhatIsWrong_When_APictureIsNone()
    {
        var file = Path.Combine(undisturbed.Experiment.Folder, "small.yaml");
        var refused = await JfProcess.RunAsync(undisturbed.Experiment.Folder, "search", Early, "--image", file);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"{file}: cannot be decoded as a picture", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_EvaluateAsTheRunDid_When_ItsLastCheckpointIsEvaluated()
    {
        var results = JsonSerializer.Deserialize<EvaluationReport>(await File.ReadAllTextAsync(Path.Combine(Early, "evaluation.json"), TestContext.Current.CancellationToken), JointFusionJson.File)!;
        var folder = TestPaths.NewFolder("eval");

        var ended = await JfAsync("eval", Early, "--out", folder, "--trec", folder, "--embeddings", folder);
        var printed = await JsonAsync("eval", Early, "--json");

        var rows = printed.Deserialize<EvaluationReport>(JointFusionJson.File)!.Rows;
        Assert.Equal(results.Rows.Select(row => row with { Value = 0, CiLow = 0, CiHigh = 0 }), rows.Select(row => row with { Value = 0, CiLow = 0, CiHigh = 0 }));
        // Two workers have embedded other batches, which rounds otherwise: a query or two of a cell may differ.
        Assert.All(results.Rows.Zip(rows, (First, Second) => (First, Second)), pair => Assert.InRange(pair.Second.Value - pair.First.Value, -2.0 / pair.First.Queries, 2.0 / pair.First.Queries));
        Assert.Contains("val: recall@5 in %", ended.Output, StringComparison.Ordinal);
        Assert.Equal(90, ((string[])["0", "3", "7"]).Sum(task => QueriesOf(Path.Combine(folder, $"val-task{task}.qrels"))));
        await AssertEmbeddings(folder, "candidates");
        await AssertEmbeddings(folder, "queries-val");
    }

    private static int QueriesOf(string qrels) => File.ReadLines(qrels).Select(line => line.Split(' ')[0]).Distinct().Count();

    /// <summary>Both formats hold the same, a unit vector a row.</summary>
    private static async Task AssertEmbeddings(string folder, string name)
    {
        var ids = await File.ReadAllLinesAsync(Path.Combine(folder, $"{name}.ids.txt"), TestContext.Current.CancellationToken);
        var npy = await File.ReadAllBytesAsync(Path.Combine(folder, $"{name}.npy"), TestContext.Current.CancellationToken);
        var header = System.Text.Encoding.ASCII.GetString(npy, 10, BitConverter.ToUInt16(npy, 8));
        Assert.Equal((0, '\n'), (((10 + header.Length) % 64), header[^1]));
        Assert.StartsWith($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({ids.Length}, 128), }}", header, StringComparison.Ordinal);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(npy.AsSpan(10 + header.Length)).ToArray();
        Assert.Equal(ids.Length * 128, values.Length);
        Assert.All(values.Chunk(128), row => Assert.InRange(row.Sum(value => value * value), 0.999f, 1.001f));

        await using var reader = await ParquetReader.CreateAsync(Path.Combine(folder, $"{name}.parquet"), cancellationToken: TestContext.Current.CancellationToken);
        using var group = reader.OpenRowGroupReader(0);
        var fields = reader.Schema.GetDataFields();
        Assert.Equal(["id", "task", "text", "image", "element"], fields.Select(field => field.Name));
        var column = new string[ids.Length];
        await group.ReadAsync(fields[0], column, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ids, column);
        var (elements, levels, repeats) = (new float[values.Length], new int[values.Length], new int[values.Length]);
        await group.ReadRawAsync<float>(fields[4], elements, levels, repeats, TestContext.Current.CancellationToken);
        Assert.Equal(values, elements);
        Assert.Equal(ids.Length, repeats.Count(level => level == 0));
    }

    [Fact]
    public async Task Should_CompareReportAndExport_When_TheExperimentIsOver()
    {
        var folder = undisturbed.Experiment.Result;
        var (results, report) = (await File.ReadAllTextAsync(folder.Results, TestContext.Current.CancellationToken), File.GetLastWriteTimeUtc(folder.Report));
        File.Delete(folder.Results);

        var compared = await JsonAsync("compare", folder.Path, "--json");
        var reported = await JfAsync("report", folder.Path);
        var board = TestPaths.NewFolder("board");
        await JfAsync("metrics", folder.Path, "--tensorboard", board, "--mlflow", Path.Combine(board, "mlruns"));

        Assert.Equal(["early", "feature", "score"], compared.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()));
        Assert.Contains(compared.GetProperty("rows").EnumerateArray(), row => row.GetProperty("values")[1].GetProperty("minus_first").ValueKind == JsonValueKind.Object);
        Assert.Equal(results, await File.ReadAllTextAsync(folder.Results, TestContext.Current.CancellationToken));
        Assert.True(File.GetLastWriteTimeUtc(folder.Report) > report);
        Assert.Contains("val: recall@5 in %", reported.Output, StringComparison.Ordinal);
        Assert.Equal(["early", "feature", "mlruns", "score"], Directory.GetDirectories(board).Select(Path.GetFileName).Order());
    }

    private static JsonElement[] Hits(JsonElement answer) => [.. answer.GetProperty("hits").EnumerateArray()];

    private async Task<JsonElement> JsonAsync(params string[] arguments) => JsonDocument.Parse((await JfAsync(arguments)).Output).RootElement;

    private async Task<JfResult> JfAsync(params string[] arguments)
    {
        var ended = await JfProcess.RunAsync(undisturbed.Experiment.Folder, arguments);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        return ended;
    }
}
