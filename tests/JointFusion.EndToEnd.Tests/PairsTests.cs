using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Pair files from a folder to results: checked, planned, trained with Matryoshka widths over two workers, evaluated, exported.</summary>
public sealed class PairsTests
{
    private const int Steps = 60;
    private static readonly string[] Things = ["moon", "tree", "lamp", "fish", "road", "door", "ship", "leaf"];
    private static readonly string[] Colours = ["red", "blue", "grey", "pink", "gold", "teal", "lime", "plum"];
    private readonly string folder = TestPaths.NewFolder("pairs");

    public PairsTests()
    {
        var pairs = (from thing in Things from colour in Colours select (Query: $"a {colour} {thing}", Target: $"{thing} which is {colour}", Name: $"{colour}-{thing}", Colour: colour)).ToArray();
        foreach (var pair in pairs)
            File.WriteAllText(Path.Combine(folder, $"{pair.Name}.svg"), $"""<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="32" height="{8 + pair.Name.Length}" fill="{pair.Colour}"/></svg>""");
        Write("train.jsonl", pairs.SelectMany(pair => (string[])[Text(pair.Query, pair.Target), Picture($"{pair.Name}.svg", pair.Target)]));
        Write("test.jsonl", pairs.Where((_, i) => i % 4 == 0).Select(pair => Text(pair.Target, pair.Query)));
    }

    [Fact]
    public async Task Should_EndWithAResultOfItsTask_When_ItTrainsOnPairs()
    {
        var check = await JfProcess.RunAsync(folder, "data", "check", folder);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        var experiment = new SmallExperiment($$"""
            name: pairs
            data: { source: pairs, root: {{folder}}, image_size: 32 }
            retriever: { preset: nano, fusion: early }
            stages: [{ name: adapt, tasks: [1, 3], steps: {{Steps}}, global_batch: 32, matryoshka: [16, 32], learning_rate: 2.0e-3, warmup_steps: 5 }]
            evaluation: { splits: [test], pools: [local] }
            resources: { workers: 2, chunk_size: 24 }
            """);
        var plan = await JfProcess.RunAsync(experiment.Folder, "plan", experiment.Spec);
        Assert.True(plan.ExitCode == 0, plan.Output + plan.Errors);
        Assert.Contains("matryoshka 16 32", plan.Output, StringComparison.Ordinal);
        var run = await experiment.RunAsync();
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);

        var steps = experiment.Metrics();
        Assert.Equal(Steps, steps.Count);
        Assert.True(steps[^1].Loss < 0.8 * steps[0].Loss, $"{steps[0].Loss} -> {steps[^1].Loss}");
        var results = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(experiment.Result.Results, TestContext.Current.CancellationToken));
        var row = Assert.Single(results.RootElement.GetProperty("rows").EnumerateArray(), row =>
            row.GetProperty("metric").GetString() == "recall" && row.GetProperty("k").GetInt32() == 5 && row.GetProperty("operation").GetString() == "all" && row.GetProperty("fusion").GetString() == "early");
        Assert.Equal((1, 16, 16), (row.GetProperty("task").GetInt32(), row.GetProperty("queries").GetInt32(), row.GetProperty("pool_size").GetInt32()));
        var export = await JfProcess.RunAsync(experiment.Folder, "checkpoint", "export", experiment.Result.Run("early").Path, "--out", Path.Combine(experiment.Folder, "out"));
        Assert.True(export.ExitCode == 0, export.Output + export.Errors);
        Assert.Contains("\"matryoshka\"", await File.ReadAllTextAsync(Path.Combine(experiment.Folder, "out", "config.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_NameFileAndLineAndCreateNothing_When_APairIsWrong()
    {
        await File.AppendAllLinesAsync(Path.Combine(folder, "train.jsonl"), ["""{"query": {"text": "a"}, "target": {}}"""], TestContext.Current.CancellationToken);
        var place = $"{Path.Combine(folder, "train.jsonl")}:129: \"target\" has neither a text nor an image";
        var check = await JfProcess.RunAsync(folder, "data", "check", folder);
        Assert.Equal(ExitCodeOfBadInput, check.ExitCode);
        Assert.Contains(place, check.Output, StringComparison.Ordinal);
        var experiment = new SmallExperiment($$"""
            name: pairs
            data: { source: pairs, root: {{folder}} }
            retriever: { preset: nano, fusion: early }
            stages: [{ name: adapt, tasks: [1], steps: 2, global_batch: 8, matryoshka: [4096], learning_rate: 2.0e-3 }]
            """);
        var run = await experiment.RunAsync();
        Assert.Equal(ExitCodeOfBadInput, run.ExitCode);
        Assert.Contains(place, run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(experiment.Folder, "runs")));
        Write("train.jsonl", [Text("a", "b")]);
        var wide = await JfProcess.RunAsync(experiment.Folder, "plan", experiment.Spec);
        Assert.Equal(ExitCodeOfBadInput, wide.ExitCode);
        Assert.Contains("stages[0].matryoshka[0]: 4096 is not allowed; below ", wide.Errors, StringComparison.Ordinal);
    }

    private const int ExitCodeOfBadInput = 2;

    private static string Text(string query, string target) => $$$"""{"query": {"text": "{{{query}}}"}, "target": {"text": "{{{target}}}"}}""";

    private static string Picture(string image, string target) => $$$"""{"query": {"image": "{{{image}}}"}, "target": {"text": "{{{target}}}"}}""";

    private void Write(string name, IEnumerable<string> lines) => File.WriteAllLines(Path.Combine(folder, name), lines);
}
