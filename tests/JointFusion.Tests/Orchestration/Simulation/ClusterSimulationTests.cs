using Xunit;

namespace JointFusion.Tests;

public sealed class ClusterSimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Should_lose_nothing_and_run_nothing_twice_when_everything_fails(int seed)
    {
        var outcome = new SimulatedCluster(new SimulationPlan(seed)).Live();

        Assert.True(outcome is { Yields: > 50, Grown: > 5, Shrunk: > 5, Kept: > 5, Quarantines: > 0, Pruned: > 100, Adoptions: > 100 } && outcome.Attempts > new SimulationPlan(seed).Runs, $"{outcome}"); // the faults were felt
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 0.5)]
    [InlineData(6, 0.5)]
    [InlineData(7, 0.5)]
    [InlineData(8, 0.5)]
    public void Should_end_no_attempt_when_the_coordinator_alone_dies_again_and_again(int seed, double elastic)
    {
        const double never = double.PositiveInfinity;
        var plan = new SimulationPlan(seed, Nodes: 8, Runs: 100)
        {
            InSweeps = 0,
            WorkerCrash = never,
            Partition = never,
            AgentRestart = never,
            UserStop = never,
            UserCancel = never,
            Drain = never,
            BadSlots = 0,
            Elastic = elastic,
            LostMessages = 0,
            CoordinatorRestart = 15,
        };
        var outcome = new SimulatedCluster(plan).Live();

        Assert.True(outcome.Faults > 10, $"{outcome}");
        Assert.Equal(outcome.AttemptsWithoutFaults + outcome.Yields, outcome.Attempts);
    }

    [Fact]
    public void Should_live_the_same_life_when_the_seed_is_the_same()
    {
        var plan = new SimulationPlan(7, Nodes: 8, Runs: 100);
        Assert.Equal(new SimulatedCluster(plan).Live().Fingerprint, new SimulatedCluster(plan).Live().Fingerprint);
        Assert.NotEqual(new SimulatedCluster(plan).Live().Fingerprint, new SimulatedCluster(plan with { Seed = 8 }).Live().Fingerprint);
    }

    [Fact]
    public void Should_be_caught_when_a_release_is_lost()
    {
        var plan = new SimulationPlan(7, Nodes: 8, Runs: 100, LosesARelease: true);
        Assert.Throws<SimulationException>(() => new SimulatedCluster(plan).Live());
    }
}
