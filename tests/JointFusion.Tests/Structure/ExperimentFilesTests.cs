using System.Collections.Immutable;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ExperimentFilesTests
{
    public static TheoryData<string> Files() => [.. Directory.GetFiles(Repository.In("experiments"), "*.yaml").Select(file => Path.GetFileName(file)).Where(file => file != TaskGroups.FileName)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Should_be_valid_and_begin_with_its_command_when_it_is_shipped(string file)
    {
        var path = Repository.In("experiments", file);

        var result = SpecLoader.Load(path);

        Assert.Empty(result.Faults);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), result.Spec!.Name);
        Assert.NotEmpty(SweepExpander.Expand(result.Spec).Runs);
        var header = File.ReadLines(path).TakeWhile(line => line.StartsWith('#'));
        Assert.Contains(header, line => line.EndsWith($"-- run experiments/{file}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fusion-study.yaml", 10)]
    [InlineData("fusion-study-emoji.yaml", 10)]
    [InlineData("fusion-study-quick.yaml", 2)]
    public void Should_give_each_arm_three_courses_of_one_length_and_the_same_seeds_When_it_is_a_study(string file, int seeds)
    {
        var (runs, notes) = SweepExpander.Expand(SpecLoader.Load(Repository.In("experiments", file)).Spec!);

        var kinds = runs.GroupBy(run => (run.Spec.Retriever.Fusion, run.Spec.Retriever.Matching, Course: string.Join('+', run.Spec.Stages.Select(stage => stage.Name)))).ToList();
        Assert.Equal(["adaptation", "adaptation+instruction", "instruction"], kinds.Select(kind => kind.Key.Course).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<Fusion>().Order(), kinds.Select(kind => kind.Key.Fusion).Distinct().Order());
        Assert.Equal(3 * Enum.GetValues<Fusion>().Length, kinds.Count(kind => kind.Key.Matching != Matching.Flops));
        Assert.Equal([(Fusion.Score, "adaptation+instruction"), (Fusion.Feature, "adaptation+instruction")], kinds.Where(kind => kind.Key.Matching == Matching.Flops).Select(kind => (kind.Key.Fusion, kind.Key.Course)));
        Assert.All(runs.GroupBy(run => (run.Spec.Retriever.Fusion, run.Spec.Retriever.Matching)), arm => Assert.Single(arm.SelectMany(run => run.Spec.Stages.Select(stage => stage.LearningRate)).Distinct()));
        Assert.All(kinds, kind => Assert.Equal(Enumerable.Range(1, seeds), kind.Select(run => run.Spec.Seed).Order()));
        Assert.Single(runs.Select(run => run.Spec.Stages.Sum(stage => stage.Steps * stage.GlobalBatch)).Distinct());
        Assert.All(runs, run => Assert.Equal(run.Spec.Retriever.Fusion == Fusion.Feature ? FeatureMixer.Mlp : null, run.Spec.Retriever.FeatureMixer));
        Assert.All(notes, note => Assert.Matches("retriever.(matching|feature_mixer) is dropped; it has no effect with", note));
    }

    [Fact]
    public void Should_compare_the_three_fusions_when_it_is_the_quickstart()
    {
        var spec = SpecLoader.Load(Repository.In("experiments", "quickstart.yaml")).Spec!;

        var (runs, notes) = SweepExpander.Expand(spec);

        Assert.Equal(["early", "score", "feature"], runs.Select(run => run.Name));
        Assert.Equal(["adaptation", "instruction"], spec.Stages.Select(stage => stage.Name));
        Assert.Empty(notes);
    }

    [Fact]
    public void Should_train_the_first_stage_once_and_measure_each_trial_twice_when_it_is_the_sweep()
    {
        var data = Plans.Data with
        {
            TrainQueries = new[] { 0, 2, 3, 4, 6, 7, 8 }.ToImmutableSortedDictionary(task => task, _ => 900),
            Splits = ["val"],
        };

        var plans = SpecPlanner.Plan(Repository.In("experiments", "sweep.yaml"), new FakeDataCatalog(data), cores: 2).Runs;

        Assert.Equal(9, plans.Length);
        Assert.Equal(9, plans.Select(plan => plan.PlanHash).Distinct().Count());
        Assert.Single(plans.Select(plan => plan.Shared!.Value.Single()).Distinct());
        Assert.All(plans, plan => Assert.Equal((100, "200, 400", 3), (plan.Shared!.Value[0].Step, string.Join(", ", plan.Sweep!.Asha!.Rungs), plan.Sweep.Asha.Reduction)));
    }
}
