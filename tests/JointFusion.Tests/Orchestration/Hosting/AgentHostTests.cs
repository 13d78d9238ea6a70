using System.Collections.Concurrent;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class AgentHostTests : IAsyncLifetime
{
    private readonly HostedCluster cluster = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await cluster.StartCoordinatorAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_train_over_two_nodes_when_both_have_joined()
    {
        cluster.StartAgent("a", new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        cluster.StartAgent("b", new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        using var feed = cluster.Client.Subscribe();
        await cluster.Client.Submit(ClusterFixture.Order("first/early", 2));

        var end = await cluster.UntilAsync(IsOver);

        Assert.Equal(["a", "b"], end.Nodes.Select(node => node.Node));
        Assert.Equal((RunState.Succeeded, 1, 10), (end.Runs[0].State, end.Runs[0].Generation, end.Runs[0].Checkpoint));
        feed.Dispose();
        var steps = await feed.ReadAllAsync(Cancel).OfType<StepReported>().ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(1, 10), steps.Select(step => step.Metrics.Step));
        Assert.All(steps, step => Assert.Equal("first/early", step.Metrics.Run));
    }

    [Fact]
    public async Task Should_train_on_and_be_taken_up_when_the_coordinator_dies_and_comes_back()
    {
        using var away = new ManualResetEventSlim();
        using var step8 = new ManualResetEventSlim();
        var host = new ThreadReplicaHost(attempt => attempt.Train(10, step =>
        {
            if (step == 5)
                away.Wait(Cancel); // From here on it trains while no coordinator is there.
            if (step == 9)
                step8.Set();
        }));
        cluster.StartAgent("a", host);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        await cluster.UntilAsync(now => now.Runs[0].State == RunState.Training);

        await cluster.StopCoordinatorAsync();
        away.Set();
        step8.Wait(Cancel);
        await cluster.StartCoordinatorAsync();
        var end = await cluster.UntilAsync(IsOver);

        Assert.Equal((RunState.Succeeded, 1, 10), (end.Runs[0].State, end.Runs[0].Generation, end.Runs[0].Checkpoint));
        Assert.Equal(1, host.Started);
    }

    [Fact]
    public async Task Should_give_an_attempt_the_same_secret_when_another_coordinator_is_asked_for_it()
    {
        var secrets = new ConcurrentQueue<string>();
        cluster.StartAgent("a", new ThreadReplicaHost(attempt =>
        {
            secrets.Enqueue(attempt.Assignment.Secret);
            return FakeReplica.TrainToTheEnd(attempt);
        }));
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        await cluster.UntilAsync(IsOver);

        await cluster.StopCoordinatorAsync();
        File.Delete(cluster.Journal); // So that the next one begins the same attempt anew.
        await cluster.StartCoordinatorAsync();
        await cluster.UntilAsync(now => HasReadySlot(now) && now.Nodes[0].Slots[0].Work is null);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        await cluster.UntilAsync(IsOver);

        Assert.Equal(2, secrets.Count);
        Assert.Single(secrets.Distinct());
    }

    [Fact]
    public async Task Should_rejoin_with_the_same_worker_when_the_cluster_has_downed_it()
    {
        var host = new ThreadReplicaHost(FakeReplica.TrainToTheEnd);
        cluster.StartAgent("a", host);
        await cluster.UntilAsync(HasReadySlot);
        var membership = Akka.Cluster.Cluster.Get(cluster.Coordinator!.System);
        var before = membership.State.Members.Single(member => member.HasRole("node")).UniqueAddress;

        membership.Down(before.Address);
        await cluster.UntilAsync(now => now.Nodes.IsEmpty);
        await cluster.UntilAsync(HasReadySlot);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        var end = await cluster.UntilAsync(IsOver);

        Assert.Equal(RunState.Succeeded, end.Runs[0].State);
        Assert.Equal(1, host.Started);
        Assert.Contains(membership.State.Members, member => member.HasRole("node") && member.UniqueAddress != before);
    }

    [Fact]
    public async Task Should_have_the_checkpoint_journalled_and_no_failure_counted_when_an_agent_is_drained()
    {
        var host = new ThreadReplicaHost(attempt => attempt.Train(10, step =>
        {
            if (step == 8 && attempt.Order.Generation == 1)
                attempt.Stop.WaitHandle.WaitOne();
        }));
        var agent = cluster.StartAgent("a", host);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        await cluster.UntilAsync(now => now.Runs[0].Checkpoint == 5);

        await agent.DrainAsync();
        var waiting = await cluster.UntilAsync(now => now.Nodes.IsEmpty);
        Assert.Equal((RunState.Recovering, 7), (waiting.Runs[0].State, waiting.Runs[0].Checkpoint));
        Assert.Contains("a is gone from the cluster", waiting.Runs[0].Reason, StringComparison.Ordinal);

        cluster.StartAgent("b", new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        Assert.Equal(RunState.Succeeded, (await cluster.UntilAsync(IsOver)).Runs[0].State);
    }

    [Fact]
    public async Task Should_never_be_heard_when_its_certificate_is_of_another_authority()
    {
        using var foreign = PrivateAuthority.Create(DateTimeOffset.UtcNow);
        using var identity = foreign.Issue("stranger", ["127.0.0.1"], DateTimeOffset.UtcNow);
        cluster.StartAgent("stranger", new ThreadReplicaHost(FakeReplica.TrainToTheEnd), identity: identity);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!File.Exists(cluster.LogOf("stranger")) || !await LogHas("stranger", "AssociationError"))
            await Task.Delay(20, limit.Token);

        cluster.StartAgent("member", new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        var nodes = (await cluster.UntilAsync(HasReadySlot)).Nodes;

        Assert.Equal(["member"], nodes.Select(node => node.Node));
        Assert.DoesNotContain(Akka.Cluster.Cluster.Get(cluster.Coordinator!.System).State.Members, member => member.Address.Port is null);
        Assert.Equal(2, Akka.Cluster.Cluster.Get(cluster.Coordinator.System).State.Members.Count);
    }

    private static bool IsOver(ClusterSnapshot now) => now.Runs.Length > 0 && now.AllRunsTerminal;

    private static bool HasReadySlot(ClusterSnapshot now) => now.Nodes.Any(node => node.Slots.Any(slot => slot.IsReady));

    private async Task<bool> LogHas(string name, string words)
    {
        await using var log = new FileStream(cluster.LogOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        return (await reader.ReadToEndAsync(Cancel)).Contains(words, StringComparison.Ordinal);
    }
}
