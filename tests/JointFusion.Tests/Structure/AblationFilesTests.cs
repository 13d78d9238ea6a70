using System.Collections.Immutable;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Every ablation asks one question: its runs differ in what it asks about, and in their seeds.</summary>
public sealed class AblationFilesTests
{
    private static readonly ImmutableSortedDictionary<int, int> Tasks = ImmutableSortedDictionary.CreateRange(new[] { 0, 2, 3, 4, 6, 7, 8 }.Select(task => KeyValuePair.Create(task, 5_000)));
    private static readonly DataSummary Data = new("set", "0123456789abcdef", 1_500, Tasks, Tasks, ["val", "test", "unseen"]);

    public static TheoryData<string, int, string[]> Ablations => new()
    {
        { "fusion-depth", 12, ["retriever.fusion", "retriever.fusion_layer"] },
        { "instructions", 12, ["retriever.fusion", "retriever.matching", "stages[1].instructions"] },
        { "batch-size", 12, ["stages[0].global_batch", "stages[0].learning_rate", "stages[0].steps", "stages[0].warmup_steps"] },
        { "cross-worker-negatives", 15, ["stages[0].negatives_within"] },
        { "hard-negatives", 18, ["retriever.fusion", "retriever.matching", "stages[1].hard_negatives"] },
        { "pooling", 18, ["retriever.fusion", "retriever.pooling"] },
        { "attention-mask", 12, ["retriever.attention", "retriever.pooling"] },
        { "learning-rate", 20, ["stages[0].learning_rate", "stages[1].learning_rate"] },
        { "temperature", 24, ["retriever.temperature", "retriever.temperature_fixed"] },
    };

    [Theory, MemberData(nameof(Ablations))]
    public void Should_plan_runs_that_differ_in_what_it_asks_alone_when_it_is_shipped(string name, int count, string[] keys)
    {
        var plans = Plan($"ablations/{name}");

        Assert.Equal(count, plans.Length);
        Assert.Equal(count, plans.Select(plan => plan.ScienceHash).Distinct().Count());
        var differences = plans.SelectMany(plan => PlanScience.Differences(plans[0], plan)).Select(difference => difference.Key).Where(key => key != "seed");
        Assert.Equal(keys.Order(StringComparer.Ordinal), differences.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Should_be_all_there_are_when_they_are_listed() => Assert.Equal(
        Directory.GetFiles(Repository.In("experiments", "ablations"), "*.yaml").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
        Ablations.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Ablations))]
    public void Should_begin_with_its_question_and_what_would_answer_it_when_it_is_shipped(string name, int count, string[] keys)
    {
        var header = File.ReadLines(Repository.In("experiments", "ablations", $"{name}.yaml")).TakeWhile(line => line.StartsWith('#')).ToArray();

        Assert.EndsWith("?", header[1], StringComparison.Ordinal);
        Assert.Equal($"#   dotnet run -c Release --project src/JointFusion.Cli -- run experiments/ablations/{name}.yaml", header[3]);
        foreach (var part in (string[])["# For:     ", "# Against: ", "# Takes:   "])
            Assert.Single(header, line => line.StartsWith(part, StringComparison.Ordinal));
        Assert.Contains($"{count} runs", header.Single(line => line.StartsWith("# Takes:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.NotEmpty(keys);
        Assert.Contains($"ablations/{name}.yaml", File.ReadAllText(Repository.In("docs", "ablations.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Should_give_every_arm_the_same_trials_when_rates_are_tuned()
    {
        var plans = Plan("fusion-tuning");

        var arms = plans.GroupBy(plan => string.Join(' ', plan.Retriever.Shape.Fusion, plan.Retriever.Matching, plan.Retriever.Shape.ModalityWeights, plan.Retriever.Shape.FeatureMixer)).ToArray();
        Assert.Equal(12, arms.Length);
        Assert.Single(arms.Select(arm => string.Join(' ', arm.Select(plan => plan.Stages[1].Spec.LearningRate).Order())).Distinct());
        Assert.All(plans, plan => Assert.Equal(["val"], plan.Evaluation.Splits));
        Assert.All(plans, plan => Assert.InRange(plan.Run.Length, 1, 200)); // a folder's name
    }

    private static RunPlan[] Plan(string file)
    {
        var loaded = SpecLoader.Load(Repository.In("experiments", $"{file}.yaml"));
        Assert.Empty(loaded.Faults);
        return [.. SweepExpander.Expand(loaded.Spec!).Runs.Select(run => ExperimentPlanner.Plan(run.Spec, run.Name, Data, cores: 2).Plan!)];
    }
}
