using System.Collections.Concurrent;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class LocalClusterTests : IDisposable
{
    private readonly ClusterFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Should_succeed_and_reuse_workers_when_runs_queue()
    {
        var host = new ThreadReplicaHost(FakeReplica.TrainToTheEnd);
        await using var cluster = await fixture.Start(2, host);
        foreach (var run in new[] { "early", "score", "feature" })
            await cluster.Submit(ClusterFixture.Order(run, 2));

        var end = await cluster.WhenIdle(Cancel);

        Assert.Equal(["early", "score", "feature"], end.Runs.Select(run => run.Name));
        Assert.All(end.Runs, run => Assert.Equal((RunState.Succeeded, 1, 10), (run.State, run.Generation, run.Checkpoint)));
        Assert.Equal(2, host.Started);
    }

    [Fact]
    public async Task Should_hand_every_rank_the_same_endpoints_and_secret_when_all_listen()
    {
        var assignments = new ConcurrentBag<FakeAttempt>();
        await using var cluster = await fixture.Start(3, new ThreadReplicaHost(attempt =>
        {
            assignments.Add(attempt);
            return FakeReplica.TrainToTheEnd(attempt);
        }));
        await cluster.Submit(ClusterFixture.Order("early", 3));
        await cluster.WhenIdle(Cancel);

        Assert.Equal([0, 1, 2], assignments.Select(attempt => attempt.Assignment.Rank).Order());
        Assert.All(assignments, attempt => Assert.Equal(["fake:1000", "fake:1001", "fake:1002"], attempt.Assignment.Endpoints));
        var secret = Assert.Single(assignments.Select(attempt => attempt.Assignment.Secret).Distinct());
        Assert.Equal(64, secret.Length);
    }

    [Fact]
    public async Task Should_go_on_from_the_journalled_checkpoint_when_a_worker_dies()
    {
        using var rank0AtStep8 = new ManualResetEventSlim();
        var resumes = new ConcurrentQueue<(int Generation, int Rank, int? Step)>();
        ThreadReplicaHost host = null!;
        host = new ThreadReplicaHost(attempt =>
        {
            resumes.Enqueue((attempt.Order.Generation, attempt.Order.Rank, attempt.Order.ResumeStep));
            return attempt.Train(10, step =>
            {
                if (attempt.Order.Generation != 1 || step != 8)
                    return;
                if (attempt.Order.Rank == 0)
                    rank0AtStep8.Set();
                else
                {
                    rank0AtStep8.Wait(Cancel);
                    host.Kill(1);
                }
                attempt.Stop.WaitHandle.WaitOne();
            });
        });
        await using var cluster = await fixture.Start(2, host);
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 2));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);

        Assert.Equal((RunState.Succeeded, 2, 10), (end.State, end.Generation, end.Checkpoint));
        Assert.Equal(3, host.Started);
        // Rank 0 was asked to stop at step 7 and checkpointed it; the journal knows, so nothing is trained twice.
        Assert.Equal([(1, 0, null), (1, 1, null), (2, 0, 7), (2, 1, 7)], resumes.OrderBy(resume => (resume.Generation, resume.Rank)));
        feed.Dispose();
        var seen = await feed.ReadAllAsync(Cancel).ToListAsync(Cancel);
        Assert.Contains(seen, change => change is WorkerExited { Reason: "killed by the test", Pid: 1 or 2 });
        Assert.Contains(seen, change => change is RunChanged { Run: { State: RunState.Recovering, Reason: { } reason } } && reason.Contains("rank 1", StringComparison.Ordinal));
        Assert.Contains(seen, change => change is StepReported { Metrics: { Generation: 2, Step: 10 } });
        Assert.Contains(seen, change => change is CheckpointReported { Generation: 1, Step: 5 });
    }

    [Fact]
    public async Task Should_fail_at_once_and_name_the_rank_when_it_refuses_the_order()
    {
        var host = new ThreadReplicaHost(attempt => attempt.WaitForStop(0), order => order.Rank == 1 ? "/runs/early: rank 1 does not see this folder." : null);
        await using var cluster = await fixture.Start(2, host);
        await cluster.Submit(ClusterFixture.Order("early", 2));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);

        Assert.Equal((RunState.Failed, 1), (end.State, end.Generation));
        Assert.Equal("rank 1, while starting, bad input: /runs/early: rank 1 does not see this folder.", end.Reason);
    }

    [Fact]
    public async Task Should_acknowledge_a_checkpoint_to_every_rank_when_it_is_journalled()
    {
        var heard = new ConcurrentBag<(int Rank, int? Journalled)>();
        await using var cluster = await fixture.Start(2, new ThreadReplicaHost(attempt =>
        {
            var outcome = attempt.Train(10, step => Until(() => step < 6 || attempt.Journalled() >= 5));
            Until(() => attempt.Journalled() >= 10);
            heard.Add((attempt.Order.Rank, attempt.Journalled()));
            return outcome;
        }));
        await cluster.Submit(ClusterFixture.Order("early", 2));
        await cluster.WhenIdle(Cancel);

        Assert.Equal([(0, 10), (1, 10)], heard.Order());
        static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Should_tell_and_keep_a_warning_when_a_rank_has_one()
    {
        using var seen = new ManualResetEventSlim();
        await using var cluster = await fixture.Start(2, new ThreadReplicaHost(attempt =>
        {
            if (attempt.Order.Rank == 0)
                attempt.Reports.Warning("The checkpoint of step 5 was not written");
            seen.Wait(Cancel);
            return FakeReplica.TrainToTheEnd(attempt);
        }));
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 2));
        await foreach (var change in feed.ReadAllAsync(Cancel))
        {
            if (change is WarningReported)
            {
                Assert.Equal(new WarningReported("early", 1, 0, "The checkpoint of step 5 was not written"), change);
                break;
            }
        }
        Assert.Equal("The checkpoint of step 5 was not written", (await cluster.Snapshot()).Runs.Single().Warning);
        seen.Set();
        Assert.Equal(RunState.Succeeded, (await cluster.WhenIdle(Cancel)).Runs.Single().State);
    }

    [Fact]
    public async Task Should_fail_with_rank_phase_and_reason_when_attempts_come_no_further()
    {
        await using var cluster = await fixture.Start(2, new ThreadReplicaHost(attempt =>
        {
            attempt.Reports.Phase(ReplicaPhase.LoadingData, "opening shards");
            return attempt.Order.Rank == 1 ? throw new InvalidDataException("shard 7 is torn") : attempt.WaitForStop(0);
        }));
        await cluster.Submit(ClusterFixture.Order("early", 2));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);

        Assert.Equal((RunState.Failed, 3), (end.State, end.Generation));
        Assert.StartsWith("rank 1, while loading data, crashed: InvalidDataException: shard 7 is torn", end.Reason, StringComparison.Ordinal);
        Assert.EndsWith("(given up after 3 attempts without progress)", end.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FailureKind.BadInput)]
    [InlineData(FailureKind.NonFinite)]
    [InlineData(FailureKind.OutOfMemory)]
    public async Task Should_not_retry_when_a_retry_cannot_help(FailureKind kind)
    {
        await using var cluster = await fixture.Start(1, new ThreadReplicaHost(_ => new ReplicaOutcome.Failed(kind, "no")));
        await cluster.Submit(ClusterFixture.Order("early", 1));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);

        Assert.Equal((RunState.Failed, 1), (end.State, end.Generation));
    }

    [Fact]
    public async Task Should_kill_a_survivor_and_recover_when_it_does_not_end()
    {
        using var deaf = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var host = new ThreadReplicaHost(attempt =>
        {
            if (attempt.Order.Generation > 1)
                return FakeReplica.TrainToTheEnd(attempt);
            if (attempt.Order.Rank == 0)
            {
                deaf.Wait(Cancel);
                return new ReplicaOutcome.Failed(FailureKind.PeerLost, "rank 1 is silent");
            }
            deaf.Set();
            release.Wait(Cancel); // Whatever it is asked.
            return new ReplicaOutcome.Succeeded();
        });
        await using var cluster = await fixture.Start(2, host);
        await cluster.Submit(ClusterFixture.Order("early", 2));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);
        release.Set();

        Assert.Equal((RunState.Succeeded, 2), (end.State, end.Generation));
        Assert.Equal(3, host.Started);
    }

    [Fact]
    public async Task Should_resume_unfinished_runs_only_when_restarted_on_the_same_journal()
    {
        var ran = new ConcurrentQueue<(string Run, int Generation, int? Resume)>();
        var first = new ThreadReplicaHost(attempt => attempt.Train(10, step =>
        {
            if (attempt.Order.Run == "score" && step == 7)
                attempt.Stop.WaitHandle.WaitOne();
        }));
        await using (var cluster = await fixture.Start(1, first))
        {
            using var feed = cluster.Subscribe();
            await cluster.Submit(ClusterFixture.Order("early", 1));
            await cluster.Submit(ClusterFixture.Order("score", 1));
            await cluster.Submit(ClusterFixture.Order("feature", 1));
            await feed.ReadAllAsync(Cancel).FirstAsync(change => change is CheckpointReported { Run: "score", Step: 5 }, Cancel);
        }

        var second = new ThreadReplicaHost(attempt =>
        {
            ran.Enqueue((attempt.Order.Run, attempt.Order.Generation, attempt.Order.ResumeStep));
            return FakeReplica.TrainToTheEnd(attempt);
        });
        await using var again = await fixture.Start(1, second);
        await again.Submit(ClusterFixture.Order("early", 1));
        var end = await again.WhenIdle(Cancel);

        Assert.Equal([("score", 2, 5), ("feature", 1, null)], ran);
        Assert.All(end.Runs, run => Assert.Equal(RunState.Succeeded, run.State));
    }

    [Fact]
    public async Task Should_not_collide_when_two_clusters_run_side_by_side()
    {
        using var other = new ClusterFixture();
        await using var one = await fixture.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        await using var two = await other.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        await one.Submit(ClusterFixture.Order("early", 1));
        await two.Submit(ClusterFixture.Order("score", 1));

        Assert.Equal("early", Assert.Single((await one.WhenIdle(Cancel)).Runs).Name);
        Assert.Equal("score", Assert.Single((await two.WhenIdle(Cancel)).Runs).Name);
    }

    [Fact]
    public async Task Should_say_why_when_the_journal_cannot_be_read()
    {
        await File.WriteAllTextAsync(Path.Combine(fixture.Folder, "journal.db"), new string('x', 8192), Cancel);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd)));
        Assert.StartsWith($"The journal {Path.Combine(fixture.Folder, "journal.db")} cannot be used: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_fail_the_run_when_no_worker_can_be_started()
    {
        var host = new ProcessReplicaHost(new WorkerLaunch("no-such-program", [], System.Collections.Immutable.ImmutableDictionary<string, string>.Empty), fixture.Folder);
        await using var cluster = await fixture.Start(1, host);
        await cluster.Submit(ClusterFixture.Order("early", 1));
        var end = Assert.Single((await cluster.WhenIdle(Cancel)).Runs);

        Assert.Equal(RunState.Failed, end.State);
        Assert.Contains("'no-such-program' could not be started", end.Reason, StringComparison.Ordinal);
    }
}
