using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>An evaluation made later is the one that the run ended with, and what it writes for others adds up to the same.</summary>
public sealed class SavedEvaluationTests(CardRun run) : IClassFixture<CardRun>, IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Should_have_the_rows_of_the_runs_end_When_its_last_checkpoint_is_evaluated()
    {
        var ended = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(run.Folder.Evaluation), JointFusionJson.File)!;

        using var evaluation = Evaluate(run.Open());

        Assert.Equal(ended.Rows.Select(Conditions), evaluation.Report.Rows.Where(row => row.Pool == PoolKind.Local).Select(Conditions));
        Assert.Equal(ended.Rows.Select(row => row.Value), evaluation.Report.Rows.Where(row => row.Pool == PoolKind.Local).Select(row => row.Value));
        Assert.Contains(evaluation.Report.Rows, row => row.Pool == PoolKind.Global);
    }

    [Fact]
    public void Should_say_what_was_trained_so_far_When_an_earlier_checkpoint_is_evaluated()
    {
        using var evaluation = Evaluate(run.Open(CardRun.Adapted));

        Assert.All(evaluation.Report.Rows.Where(row => row.Fusion == "early"), row => Assert.Equal(("adaptation", "none"), (row.Stages, row.Instructions)));
    }

    [Fact]
    public void Should_have_the_same_rows_When_an_export_is_evaluated()
    {
        new RetrieverExporter(run.Plan, run.Folder).Export(CardRun.Steps, root["exported"]);

        using var exported = Evaluate(SavedRetriever.OfExport(root["exported"], CPU));
        using var saved = Evaluate(run.Open());

        Assert.Equal(saved.Report.Rows.AsEnumerable(), exported.Report.Rows);
    }

    [Fact]
    public void Should_refuse_in_words_When_an_export_does_not_say_its_seed()
    {
        new RetrieverExporter(run.Plan, run.Folder).Export(CardRun.Steps, root["exported"]);
        var config = root["exported/config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"seed\": 5,", "", StringComparison.Ordinal));

        Assert.Contains("Export the checkpoint again", Assert.Throws<ArgumentException>(() => Evaluate(SavedRetriever.OfExport(root["exported"], CPU))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_add_up_to_the_rows_When_trec_files_are_read_by_their_format()
    {
        using var evaluation = Evaluate(run.Open(), TrecFiles.SearchDepth);

        var written = TrecFiles.Write(root["trec"], run.Data, evaluation.Lists, "early");

        Assert.Equal(["val-task0-global.run", "val-task0-local.run", "val-task0.qrels"], written.Order(StringComparer.Ordinal));
        var relevant = Lines("val-task0.qrels").Where(cells => cells[3] == "1").ToLookup(cells => cells[0], cells => cells[2]);
        Assert.Equal(8, relevant.Count);
        var lists = Lines("val-task0-local.run").GroupBy(cells => cells[0]).ToArray();
        foreach (var list in lists)
        {
            Assert.Equal(64, list.Count()); // the whole pool is smaller than the depth
            Assert.Equal(Enumerable.Range(1, 64), list.Select(cells => int.Parse(cells[3], CultureInfo.InvariantCulture)));
            var scores = list.Select(cells => double.Parse(cells[4], CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(scores.OrderDescending(), scores);
        }
        var recall = lists.Average(list => list.OrderByDescending(cells => double.Parse(cells[4], CultureInfo.InvariantCulture)).Take(5).Any(cells => relevant[list.Key].Contains(cells[2])) ? 1 : 0);
        Assert.Equal(evaluation.Report.Rows.Single(row => row is { Pool: PoolKind.Local, Metric: "recall", K: 5, Operation: "all", Targets: "all", OwnImageInPool: true, Inputs: "query" }).Value, recall);
    }

    private string[][] Lines(string name) => [.. File.ReadLines(Path.Combine(root["trec"], name)).Select(line => line.Split(' '))];

    private SavedEvaluation Evaluate(SavedRetriever retriever, int atLeast = 0)
    {
        using (retriever)
            return SavedEvaluation.Run(retriever, run.Data, ["val"], atLeast, cancel: TestContext.Current.CancellationToken);
    }

    private static ResultRow Conditions(ResultRow row) => row with { Value = 0, CiLow = 0, CiHigh = 0 };
}
