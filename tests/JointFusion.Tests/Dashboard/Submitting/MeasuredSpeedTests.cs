using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class MeasuredSpeedTests
{
    private static readonly FixtureRun Run = new("early", Fusion.Early) { Steps = 40 };

    [Fact]
    public void Should_tell_the_hours_of_the_run_itself_when_it_was_measured()
    {
        using var experiment = new TemporaryExperiment(Run);
        var plan = Run.Plan();

        var speed = MeasuredSpeed.For(plan, [(experiment.Folder.Run("early"), plan)])!;

        // 40 steps of 128 pairs at 400 pairs/s, on two workers.
        Assert.Equal(2 * 40 * 128 / 400.0 / 3600, speed.DeviceHours(plan), 9);
        Assert.Equal("early", speed.Run);
    }

    [Fact]
    public void Should_say_nothing_when_no_run_was_measured_on_such_a_device()
    {
        using var experiment = new TemporaryExperiment(Run);
        var plan = Run.Plan();
        var onGpu = plan with { Resources = plan.Resources with { Device = Device.Cuda } };
        File.WriteAllText(experiment.Folder.Run("early").Metrics, "");

        Assert.Null(MeasuredSpeed.For(onGpu, [(experiment.Folder.Run("early"), plan)]));
        Assert.Null(MeasuredSpeed.For(plan, [(experiment.Folder.Run("early"), plan)]));
    }
}
