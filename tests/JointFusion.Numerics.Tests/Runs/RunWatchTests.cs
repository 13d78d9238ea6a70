using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

public sealed class RunWatchTests
{
    private readonly ManualTime time = new();
    private readonly RunWatch watch;

    public RunWatchTests() => watch = new RunWatch(time);

    [Fact]
    public void Should_GiveTheFirstVisitsMoreTime_When_NothingIsLearnt()
    {
        watch.Enter(RunPhase.LoadingData);
        time.Pass(599);
        Assert.Equal(("loading data", 0, 599, 600, false), (watch.Now().Doing, watch.Now().Step, watch.Now().Seconds, watch.Now().BudgetSeconds, watch.Now().IsOverdue));
        watch.TakeUp(1);
        watch.Enter(StepPhase.Forward);
        time.Pass(121);
        Assert.Equal(("forward", 1, 121, 120, true), (watch.Now().Doing, watch.Now().Step, watch.Now().Seconds, watch.Now().BudgetSeconds, watch.Now().IsOverdue));
    }

    [Theory]
    [InlineData(0.01, 0.01, 5)] // the floor
    [InlineData(0.8, 0.9, 8)] // ten times the median
    [InlineData(0.1, 20, 60)] // three times the longest
    public void Should_LearnTheBudget_When_APhaseHasAHistory(double usual, double longest, double budget)
    {
        foreach (var seconds in (double[])[usual, usual, longest, usual, usual])
        {
            watch.Enter(StepPhase.Forward);
            time.Pass(seconds);
            watch.Enter(StepPhase.Backward);
            time.Pass(1000);
        }
        watch.Enter(StepPhase.Forward);
        Assert.Equal(budget, watch.Now().BudgetSeconds, precision: 6);
    }

    [Fact]
    public void Should_ForgetALongVisit_When_ManyShorterOnesFollow()
    {
        Visit(100);
        for (var visit = 0; visit < 255; visit++)
            Visit(1);
        watch.Enter(StepPhase.Data);
        Assert.Equal(300, watch.Now().BudgetSeconds);
        time.Pass(1);
        watch.Enter(StepPhase.Other);
        watch.Enter(StepPhase.Data);
        Assert.Equal(10, watch.Now().BudgetSeconds);
    }

    [Fact]
    public void Should_NameTheCollective_When_OneIsUnderWay()
    {
        using var group = WatchedProcessGroup.Of(new Prying(LocalProcessGroup.Create(1)[0], Pry), watch);
        watch.TakeUp(7);
        watch.Enter(StepPhase.Exchange);
        time.Pass(3);
        group.Barrier();
        group.AllReduce<float>(new float[10]);
        Assert.Equal((null, 2, 7), (watch.Now().Collective, watch.Now().Collectives, watch.Now().Seconds));

        void Pry(string during)
        {
            Assert.Equal(0, watch.Now().Seconds);
            time.Pass(2);
            Assert.Equal((during, 2, 7), (watch.Now().Collective, watch.Now().Seconds, watch.Now().Step));
        }
    }

    private void Visit(double seconds)
    {
        watch.Enter(StepPhase.Data);
        time.Pass(seconds);
        watch.Enter(StepPhase.Other);
    }
}
