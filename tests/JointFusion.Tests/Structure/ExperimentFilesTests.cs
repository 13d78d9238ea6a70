using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ExperimentFilesTests
{
    public static TheoryData<string> Files() => [.. Directory.GetFiles(Repository.In("experiments"), "*.yaml").Select(file => Path.GetFileName(file))];

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

    [Fact]
    public void Should_compare_the_three_fusions_when_it_is_the_quickstart()
    {
        var spec = SpecLoader.Load(Repository.In("experiments", "quickstart.yaml")).Spec!;

        var (runs, notes) = SweepExpander.Expand(spec);

        Assert.Equal(["early", "score", "feature"], runs.Select(run => run.Name));
        Assert.Equal(["adaptation", "instruction"], spec.Stages.Select(stage => stage.Name));
        Assert.Empty(notes);
    }
}
