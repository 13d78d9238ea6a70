using System.Net.Sockets;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Steps by the ten thousand a second, and readers that do not keep up: training waits for nobody, memory does not grow, and nothing but steps is left out.</summary>
public sealed class MetricsFloodTests
{
    private const int Steps = 50_000;
    private const int CheckpointEvery = 1000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Should_train_to_the_end_and_count_what_is_left_out_when_the_agent_reads_nothing()
    {
        using var trained = new ManualResetEventSlim();
        using var folder = new SocketFolder();
        var (worker, agent) = await PairAsync(folder.Socket("flood"));
        var running = Task.Factory.StartNew(() => Work(worker, trained), Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var link = new MessageLink<AgentMessage, WorkerMessage>(
            new NetworkStream(agent, ownsSocket: true), LinkJson.Default.AgentMessage, LinkJson.Default.WorkerMessage, new DropOldestQueue<AgentMessage>(0, _ => false));
        link.Start("flood");
        link.Send(new AgentMessage.Prepare(new ReplicaOrder("early", 1, "/runs/early", 0, 1, null, true)));
        link.Send(new AgentMessage.Begin(new RankAssignment("early", 1, 0, ["h:1"], "s")));

        Assert.True(trained.Wait(TimeSpan.FromSeconds(60), Cancel), "a step waited for the agent, which reads nothing"); // Nobody has read a byte so far.
        List<WorkerMessage> heard = [];
        link.ReadToEnd(message =>
        {
            heard.Add(message);
            return message is not WorkerMessage.Ended;
        });
        link.Send(new AgentMessage.Shutdown());
        await running;

        var steps = heard.OfType<WorkerMessage.Step>().Select(step => step.Metrics.Step).ToList();
        var ended = Assert.IsType<WorkerMessage.Ended>(heard[^1]);
        Assert.Equal(Steps, steps.Count + ended.DroppedSteps);
        Assert.InRange(steps.Count, 256, Steps / 10);
        Assert.Equal(Enumerable.Range(Steps - 255, 256), steps.TakeLast(256));
        Assert.Equal(Enumerable.Range(1, Steps / CheckpointEvery).Select(at => at * CheckpointEvery), heard.OfType<WorkerMessage.Checkpoint>().Select(checkpoint => checkpoint.At));
    }

    [Fact]
    public async Task Should_keep_every_transition_and_no_more_memory_when_a_reader_of_the_hub_stands_still()
    {
        var hub = new ClusterEventHub();
        using var slow = hub.Subscribe();
        var run = RunSnapshot.Of(RunRecord.Of(new RunSubmitted("early", ClusterFixture.Order("early", 1), Samples.Noon)), NodeRegistry.Empty);
        List<WeakReference> each100th = [];

        Publish();

        GC.Collect();
        Assert.InRange(each100th.Count(step => step.IsAlive), 1024 / 100, (1024 / 100) + 2); // Those that wait, the newest, and one that may still be on the stack.
        Assert.Equal(4 * Steps - 1024, slow.DroppedSteps);
        hub.Complete();
        var heard = await slow.ReadAllAsync(Cancel).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(1, 4 * Steps / CheckpointEvery), heard.OfType<RunChanged>().Select(change => change.Run.Generation));
        Assert.Equal(4 * Steps, Assert.IsType<StepReported>(heard[^2]).Metrics.Step);

        void Publish()
        {
            for (var step = 1; step <= 4 * Steps; step++)
            {
                var reported = new StepReported(Samples.Metrics("early", 1, step));
                hub.Publish(reported);
                if (step % 100 == 0)
                    each100th.Add(new WeakReference(reported));
                if (step % CheckpointEvery == 0)
                    hub.Publish(new RunChanged(run with { Generation = step / CheckpointEvery }));
            }
        }
    }

    [Fact]
    public async Task Should_show_the_newest_steps_and_how_many_are_missing_when_a_run_floods_the_cluster()
    {
        using var fixture = new ClusterFixture();
        using var experiment = new TemporaryExperiment(new FixtureRun("early", Fusion.Early) { Steps = 0 });
        List<RunState> states = [];
        await using (var cluster = await fixture.Start(1, new ThreadReplicaHost(attempt => Flood(attempt.Reports))))
        {
            using var standing = cluster.Subscribe();
            var board = new LiveBoard(new JointFusion.Cli.ClusterLiveFeed(cluster), LiveSource.Of(experiment.Folder), TimeProvider.System);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            using var slowPage = board.Changes.Subscribe(); // It never looks.
            var following = board.FollowAsync(stop.Token);

            await cluster.Submit(ClusterFixture.Order("early", 1));
            await cluster.WhenIdle(Cancel);

            Assert.Equal(RunState.Succeeded, (await cluster.Snapshot()).Runs[0].State);
            var shown = await UntilAsync(board, status => status.State == LiveRunState.Succeeded && status.Step == Steps);
            var points = board.Metrics("early", 0)!.Value;
            Assert.InRange(points.Length, 256, LiveBoard.MostPoints);
            Assert.InRange(shown.MissedSteps, 1, Steps - 256);
            await stop.CancelAsync();
            await following;
            Assert.InRange(standing.DroppedSteps, 0, Steps);
        }

        await using var again = await fixture.Start(1, new ThreadReplicaHost(FakeReplica.TrainToTheEnd)); // From the journal alone.
        var kept = (await again.Snapshot()).Runs[0];
        Assert.Equal((RunState.Succeeded, 1, Steps), (kept.State, kept.Generation, kept.Checkpoint));
    }

    private static void Work(Socket socket, ManualResetEventSlim trained)
    {
        var replica = new FakeReplica(attempt =>
        {
            var outcome = Flood(attempt.Reports);
            trained.Set();
            return outcome;
        });
        using var session = new WorkerSession(new NetworkStream(socket, ownsSocket: true), replica);
        session.Run();
    }

    /// <summary>As fast as one thread can.</summary>
    private static ReplicaOutcome Flood(IReplicaReports reports)
    {
        reports.Phase(ReplicaPhase.Training, "adaptation");
        for (var step = 1; step <= Steps; step++)
        {
            reports.Step(Samples.Metrics("early", 1, step));
            if (step % CheckpointEvery == 0)
                reports.Checkpoint(step);
        }
        reports.Phase(ReplicaPhase.Evaluating, "test");
        return new ReplicaOutcome.Succeeded();
    }

    private static async Task<(Socket Worker, Socket Agent)> PairAsync(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        var worker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await worker.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
        return (worker, await listener.AcceptAsync(Cancel));
    }

    private static async Task<RunStatus> UntilAsync(LiveBoard board, Func<RunStatus, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (board.Current.Runs.FirstOrDefault() is { } status && wanted(status))
                return status;
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{board.Current.Runs.FirstOrDefault()} {board.Current.Fault}");
            await Task.Delay(20, Cancel);
        }
    }
}
