using System.Text.Json;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Mined negatives in a whole run: found by trained weights, on disk, and the same for every attempt.</summary>
public sealed class MinedNegativesTests
{
    private const int Sigkill = 9;
    private readonly string data = TinySet.Create();

    [Fact]
    public async Task Should_DrawTheSameMinedNegatives_When_AWorkerIsKilledWithinTheStage()
    {
        var undisturbed = NewExperiment();
        var whole = await undisturbed.RunAsync();
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Errors);
        var killed = NewExperiment();
        await using var jf = killed.Start();
        await killed.StepTakenAsync(SmallExperiment.LastOfAdaptation + 5);
        JfProcess.Signal(SmallExperiment.Workers(jf.Id)[0], Sigkill);
        var ended = await jf.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Contains("recovering", ended.Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(Mined(undisturbed), TestContext.Current.CancellationToken), await File.ReadAllTextAsync(Mined(killed), TestContext.Current.CancellationToken));
        Assert.Equal(undisturbed.Metrics().Select(step => (step.Loss, step.Ledger)), killed.Metrics().Select(step => (step.Loss, step.Ledger)));
        AssertMinesWrongCandidatesAlone(Mined(undisturbed));
    }

    private SmallExperiment NewExperiment() => new(data, workers: 2, fusions: "early", mining: true);

    private static string Mined(SmallExperiment experiment) => experiment.Result.Run("early").MinedNegatives("instruction");

    /// <summary>Of every training query: some are found, and none of what is found is among its positives.</summary>
    private void AssertMinesWrongCandidatesAlone(string file)
    {
        var positives = File.ReadLines(Path.Combine(data, "query/train/mbeir_tiny_train.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(query => query.GetProperty("qid").GetString()!, query => Texts(query, "pos_cand_list"));
        var mined = File.ReadLines(file).Skip(1).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(positives.Count, mined.Count);
        Assert.All(mined, query => Assert.Empty(Texts(query, "negatives").Intersect(positives[query.GetProperty("query").GetString()!])));
        Assert.InRange(mined.Count(query => Texts(query, "negatives").Any()), mined.Count / 2, mined.Count);
    }

    private static IEnumerable<string> Texts(JsonElement of, string key) => of.GetProperty(key).EnumerateArray().Select(text => text.GetString()!);
}
