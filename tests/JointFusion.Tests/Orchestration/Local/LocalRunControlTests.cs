using System.Collections.Concurrent;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Runs that are stopped, displaced and gone on with, and what a watcher is told of one meanwhile, in a cluster of one process.</summary>
public sealed class LocalRunControlTests : IDisposable
{
    private readonly ClusterFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Should_stop_at_a_checkpoint_and_resume_from_it_when_asked()
    {
        var resumes = new ConcurrentQueue<(string, int?)>();
        var host = new ThreadReplicaHost(attempt =>
        {
            resumes.Enqueue((attempt.Order.Run, attempt.Order.ResumeStep));
            return attempt.Train(10, step =>
            {
                if (attempt.Order.Generation == 1 && attempt.Order.Run == "early" && step == 3)
                    attempt.Stop.WaitHandle.WaitOne();
            });
        });
        await using var cluster = await fixture.Start(1, host);
        using (var feed = cluster.Subscribe())
        {
            await cluster.Submit(ClusterFixture.Order("early", 1));
            await cluster.Submit(ClusterFixture.Order("score", 1));
            await feed.ReadAllAsync(Cancel).FirstAsync(change => change is StepReported { Metrics.Step: 2 }, Cancel);
        }
        await cluster.StopAll();
        var stopped = await cluster.WhenIdle(Cancel);
        Assert.Equal([("early", RunState.Paused, 2), ("score", RunState.Paused, null)], stopped.Runs.Select(run => (run.Name, run.State, run.Checkpoint)));

        await cluster.ResumeAll();
        var end = await cluster.WhenIdle(Cancel);
        Assert.All(end.Runs, run => Assert.Equal(RunState.Succeeded, run.State));
        Assert.Equal([("early", null), ("early", 2), ("score", null)], resumes);
    }

    [Fact]
    public async Task Should_yield_to_a_higher_priority_and_go_on_from_its_checkpoint_when_there_is_one_worker()
    {
        var began = new ConcurrentQueue<(string, int?)>();
        var host = new ThreadReplicaHost(attempt =>
        {
            began.Enqueue((attempt.Order.Run, attempt.Order.ResumeStep));
            return attempt.Train(10, step =>
            {
                if ((attempt.Order.Generation, attempt.Order.Run, step) == (1, "low", 3))
                    attempt.Stop.WaitHandle.WaitOne();
            });
        });
        await using var cluster = await fixture.Start(1, host);
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("low", 1));
        await feed.ReadAllAsync(Cancel).FirstAsync(change => change is StepReported { Metrics.Step: 2 }, Cancel);
        await cluster.Submit(ClusterFixture.Order("urgent", 1) with { Priority = 5 });
        await feed.ReadAllAsync(Cancel).FirstAsync(change => change is RunChanged { Run: { Name: "low", State: RunState.Preempted, Reason: "makes room for urgent, whose priority is 5" } }, Cancel);

        var end = await cluster.WhenIdle(Cancel);
        Assert.Equal([("low", RunState.Succeeded, 2), ("urgent", RunState.Succeeded, 1)], end.Runs.Select(run => (run.Name, run.State, run.Generation)));
        Assert.Equal([("low", null), ("urgent", null), ("low", 2)], began);
    }

    [Fact]
    public async Task Should_go_on_with_a_cancelled_run_only_when_it_is_named()
    {
        await using var cluster = await fixture.Start(1, new ThreadReplicaHost(attempt => attempt.Order.Generation == 1 ? attempt.WaitForStop(0) : FakeReplica.TrainToTheEnd(attempt)));
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 1));
        await cluster.Submit(ClusterFixture.Order("score", 1));
        await cluster.Pause("score");
        await feed.ReadAllAsync(Cancel).FirstAsync(change => change is RunChanged { Run: { Name: "early", State: RunState.Starting } }, Cancel);
        await cluster.Cancel("early");
        Assert.Equal([RunState.Cancelled, RunState.Paused], (await cluster.WhenIdle(Cancel)).Runs.Select(run => run.State));

        await cluster.ResumeAll();
        await feed.ReadAllAsync(Cancel).FirstAsync(change => change is RunChanged { Run: { Name: "score", State: RunState.Starting } }, Cancel);
        Assert.Equal(RunState.Cancelled, (await cluster.Snapshot()).Runs[0].State);
        await cluster.Cancel("score");
        await cluster.WhenIdle(Cancel);
        await cluster.Resume("early", "score");
        Assert.All((await cluster.WhenIdle(Cancel)).Runs, run => Assert.Equal((RunState.Succeeded, 2), (run.State, run.Generation)));
    }

    /// <summary>Steps that came faster than they are passed on must not arrive after the phase that followed them, or a run that is evaluated would be said to train.</summary>
    [Fact]
    public async Task Should_tell_its_steps_before_its_evaluation_when_they_come_at_once()
    {
        await using var cluster = await fixture.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd));
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 1));

        List<string> told = [];
        await foreach (var change in feed.ReadAllAsync(Cancel))
        {
            if (change is StepReported step)
                told.Add($"{step.Metrics.Step}");
            else if (change is RunChanged { Run.State: var state } && told.LastOrDefault() != $"{state}")
                told.Add($"{state}");
            if (change is RunChanged { Run.State: RunState.Succeeded })
                break;
        }
        var steps = told.Where(each => char.IsDigit(each[0]));
        Assert.Equal(Enumerable.Range(1, 10).Select(number => $"{number}"), steps);
        Assert.Equal(["Training", "Evaluating", "Succeeded"], told.Except(steps).Where(state => state is not ("Queued" or "Placing" or "Starting")));
        Assert.True(told.IndexOf("10") < told.IndexOf("Evaluating"), string.Join(", ", told));
        Assert.DoesNotContain("Training", told.Skip(told.IndexOf("Evaluating")));
    }
}
