using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

public sealed class HealthMonitorTests
{
    private static readonly HealthSpec Spec = new() { CollapseBelow = 0.01, Patience = 5 };
    private static readonly StageSpec Stage = new() { Name = "s", Tasks = [0], Steps = 200, GlobalBatch = 8, LearningRate = 1, WarmupSteps = 10 };

    [Fact]
    public void Should_SayNothing_When_TheLossFallsNoisily()
    {
        var noise = new Random(1);
        Assert.Empty(Alarms(step => (4 * Math.Exp(-step / 60.0) + 0.5 * noise.NextDouble(), 0.4)));
    }

    [Fact]
    public void Should_SayNothing_When_AStageHasNothingToGain()
    {
        var noise = new Random(1);
        Assert.Empty(Alarms(_ => (0.3 + 0.2 * noise.NextDouble(), 0.4)));
    }

    [Fact]
    public void Should_TellOfACollapseOnceEachTime_When_TheSpreadStaysLow()
    {
        var alarms = Alarms(step => (3, step is < 40 or (> 100 and < 103) or > 150 ? 0.001 : 0.3));
        Assert.Equal([(15, HealthFault.Collapse), (155, HealthFault.Collapse)], alarms.Select(alarm => (alarm.Step, alarm.Alarm.Fault)));
        Assert.Equal("the embeddings have collapsed: their spread, 1 - |mean|^2, is 0.001 and has been below 0.01 for 5 steps", alarms[0].Alarm.Message);
    }

    [Fact]
    public void Should_TellOfADivergence_When_TheLossGivesBackHalfOfItsGain()
    {
        var alarm = Assert.Single(Alarms(step => (step < 100 ? 4 - 0.02 * step : 4.5, 0.3)));
        Assert.Equal(HealthFault.Divergence, alarm.Alarm.Fault);
        Assert.InRange(alarm.Step, 105, 120);
    }

    [Fact]
    public void Should_TellOfADivergence_When_TheLossOnlyRises() =>
        Assert.Equal(HealthFault.Divergence, Assert.Single(Alarms(step => (3 + 0.1 * step, 0.3))).Alarm.Fault);

    [Fact]
    public void Should_TellOfBoth_When_TheyComeToStandAtOneStep()
    {
        // The last loss alone decides when the divergence begins; the spread is made to fall at the same step.
        var diverges = Assert.Single(Alarms(step => (step < 100 ? 4 - 0.02 * step : 4.5, 0.3))).Step;
        var alarms = Alarms(step => (step < 100 ? 4 - 0.02 * step : 4.5, step > diverges - Spec.Patience ? 0.001 : 0.3));
        Assert.Equal([(diverges, HealthFault.Collapse), (diverges, HealthFault.Divergence)], alarms.Select(alarm => (alarm.Step, alarm.Alarm.Fault)));
    }

    [Fact]
    public void Should_TellOfADivergence_When_ItBeginsToLookWithinAStage() =>
        Assert.Equal(HealthFault.Divergence, Assert.Single(Alarms(step => (step < 100 ? 4 - 0.02 * step : 4.5, 0.3), firstStep: 30)).Alarm.Fault);

    [Theory]
    [InlineData(12)]
    [InlineData(102)]
    [InlineData(108)]
    public void Should_JudgeTheSame_When_ItsStateIsTakenOver(int at)
    {
        (double, double) Figures(int step) => (step < 100 ? 4 - 0.02 * step : 4.5, step < 14 ? 0.001 : 0.3);
        Assert.Equal(Alarms(Figures), Alarms(Figures, handOverAt: at));
    }

    private static ImmutableArray<(int Step, HealthAlarm Alarm)> Alarms(
        Func<int, (double Loss, double Spread)> figures, int handOverAt = 0, int firstStep = 1)
    {
        var alarms = ImmutableArray.CreateBuilder<(int, HealthAlarm)>();
        var monitor = new HealthMonitor();
        for (var step = firstStep; step <= Stage.Steps; step++)
        {
            var (loss, spread) = figures(step);
            alarms.AddRange(monitor.Observe(Spec, Stage, step, Of(loss, spread)).Where(alarm => alarm.IsNew).Select(alarm => (step, alarm)));
            if (step == handOverAt)
                monitor = new HealthMonitor { State = monitor.State };
        }
        return alarms.ToImmutable();
    }

    private static BatchLoss Of(double loss, double spread) =>
        new(loss, 0.5, ImmutableSortedDictionary<int, int>.Empty, ImmutableSortedDictionary<int, double>.Empty, 0.1, 0, 0.5, spread);
}
