using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class RunCurvesTests : IDisposable
{
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Steps = 40 };
    private readonly TemporaryExperiment experiment = new(Early);
    private readonly RunCurves curves = new();

    private RunFolder Folder => experiment.Folder.Run("early");

    public void Dispose() => experiment.Dispose();

    [Fact]
    public void Should_join_the_file_with_what_came_meanwhile()
    {
        curves.Add(Early.Step(41));
        curves.ReadPast(Folder);
        curves.Add(Early.Step(42));
        curves.ReadPast(Folder);

        Assert.Equal(Enumerable.Range(1, 42), curves.Steps.Select(step => step.Step));
    }

    [Fact]
    public void Should_leave_out_what_did_not_count_when_the_run_goes_back_to_a_checkpoint()
    {
        curves.ReadPast(Folder);
        curves.Add(Early.Step(31) with { Generation = 2 });

        Assert.Equal(Enumerable.Range(1, 31), curves.Steps.Select(step => step.Step));
        Assert.Equal(2, curves.Steps[^1].Generation);
    }

    [Fact]
    public void Should_leave_out_a_line_that_is_still_being_written()
    {
        File.AppendAllText(Folder.Metrics, JsonSerializer.Serialize(Early.Step(41), JointFusionJson.Line)[..80]);

        curves.ReadPast(Folder);

        Assert.Equal(40, curves.Steps[^1].Step);
    }

    [Fact]
    public void Should_say_file_and_line_when_one_is_no_step()
    {
        File.AppendAllLines(Folder.Metrics, ["nonsense", JsonSerializer.Serialize(Early.Step(41), JointFusionJson.Line)]);

        Assert.Contains($"{Folder.Metrics}:41: ", Assert.Throws<InvalidDataException>(() => curves.ReadPast(Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_keep_bounds_ends_and_peaks_when_a_run_is_long()
    {
        const int peak = 777, last = 100_000;
        for (var step = 1; step <= last; step++)
            curves.Add(Early.Step(step) with { Loss = 1, GradientNorm = step == peak ? 50 : 1 });

        var steps = curves.Steps;
        Assert.InRange(steps.Length, RunCurves.MostKept / 2, RunCurves.MostKept);
        Assert.Equal((1, last), (steps[0].Step, steps[^1].Step));
        Assert.Contains(steps, step => step.Step == peak);
        Assert.Equal(steps.Select(step => step.Step).Distinct().Order(), steps.Select(step => step.Step));
    }
}
