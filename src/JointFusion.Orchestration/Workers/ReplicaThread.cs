using System.Collections.Concurrent;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>The one thread on which a worker's replicas run, one after the other. Steered from the link's reader.</summary>
/// <param name="send">Never blocks.</param>
/// <param name="droppedSteps">Step messages left out so far.</param>
internal sealed class ReplicaThread(IReplica replica, Action<WorkerMessage> send, Func<long> droppedSteps)
{
    private const int StackLinesTold = 4;
    private readonly BlockingCollection<ReplicaAttempt> attempts = [];
    private readonly Lock gate = new();
    private ReplicaAttempt? current;
    private Thread? thread;

    public void Start()
    {
        thread = new Thread(RunAll) { IsBackground = true, Name = "replica" };
        thread.Start();
    }

    public void Prepare(ReplicaOrder order)
    {
        var attempt = new ReplicaAttempt(order);
        lock (gate)
            current = attempt;
        attempts.Add(attempt);
    }

    public void Begin(RankAssignment assignment) => Steer(assignment.Run, assignment.Generation, attempt => attempt.Begin(assignment));

    public void Acknowledge(AgentMessage.Journalled word) => Steer(word.Run, word.Generation, attempt => attempt.Acknowledge(word.Step, word.LetGo));

    public void Stop(string run, int generation) => Steer(run, generation, attempt => attempt.Stop());

    /// <summary>Stops what runs, takes nothing more, and waits.</summary>
    /// <returns>Whether the replica ended in time.</returns>
    public bool End(TimeSpan time)
    {
        attempts.CompleteAdding();
        lock (gate)
            current?.Stop();
        return thread!.Join(time);
    }

    private void Steer(string run, int generation, Action<ReplicaAttempt> act)
    {
        lock (gate)
        {
            if (current is not null && current.Is(run, generation))
                act(current);
        }
    }

    private void RunAll()
    {
        foreach (var attempt in attempts.GetConsumingEnumerable())
        {
            var outcome = RunGuarded(attempt);
            lock (gate)
            {
                if (current == attempt)
                    current = null;
                attempt.Dispose();
            }
            send(new WorkerMessage.Ended(attempt.Order.Run, attempt.Order.Generation, outcome, droppedSteps()));
        }
    }

    /// <summary>The boundary at which the unknown becomes a verdict: the worker itself lives on for the next attempt.</summary>
    private ReplicaOutcome RunGuarded(ReplicaAttempt attempt)
    {
        try
        {
            return Run(attempt);
        }
        catch (RefusedOrderException e)
        {
            return new ReplicaOutcome.Failed(FailureKind.BadInput, e.Message);
        }
        catch (OutOfMemoryException e)
        {
            return new ReplicaOutcome.Failed(FailureKind.OutOfMemory, e.Message);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e); // Whole in the log; libtorch's message alone has twenty lines of native frames.
            var stack = (e.StackTrace ?? "").Split('\n').Take(StackLinesTold).Select(line => line.Trim());
            return new ReplicaOutcome.Failed(FailureKind.Crashed, $"{e.GetType().Name}: {e.Message.Split('\n')[0]} {string.Join(" ", stack)}".TrimEnd());
        }
    }

    private ReplicaOutcome Run(ReplicaAttempt attempt)
    {
        var order = attempt.Order;
        var endpoint = replica.Listen(order);
        send(new WorkerMessage.Listening(order.Run, order.Generation, endpoint));
        return attempt.WaitForPeers() is { } assignment
            ? replica.Run(order, assignment, new ReplicaReports(order, send), () => attempt.Checkpoints, attempt.Stopping)
            : new ReplicaOutcome.Stopped(order.ResumeStep ?? 0);
    }
}
