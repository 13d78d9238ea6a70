using System.Collections.Immutable;
using Akka.Actor;

namespace JointFusion.Orchestration;

/// <summary>The coordinator as code outside the actors sees it. Commands return once they are journalled.</summary>
public sealed class CoordinatorClient
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private readonly IActorRef coordinator;
    private readonly ClusterEventHub hub;
    private readonly string log;

    /// <param name="log">Where a user finds out why it does not answer.</param>
    internal CoordinatorClient(IActorRef coordinator, ClusterEventHub hub, string log) => (this.coordinator, this.hub, this.log) = (coordinator, hub, log);

    /// <summary>Idempotent by the run's name. A known run keeps its state and takes over folder and workers.</summary>
    /// <exception cref="CoordinatorAwayException">Whether it was done is not known: ask again.</exception>
    public Task Submit(RunOrder order) => Command(new SubmitRun(order));

    /// <summary>Asks the runs to checkpoint and end. Returns before they have.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Stop(ImmutableArray<string> runs) => Command(new StopRuns(runs));

    /// <summary>Queues the stopped and failed ones again, to go on from their newest journalled checkpoints.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Resume(ImmutableArray<string> runs) => Command(new ResumeRuns(runs));

    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task<ClusterSnapshot> Snapshot() => Ask<ClusterSnapshot>(new GetSnapshot());

    /// <summary>Everything that happens from now on. Dispose the feed when done.</summary>
    public ClusterEventFeed Subscribe() => hub.Subscribe();

    private async Task Command(ClusterCommand command) => await Ask<CommandDone>(command);

    private async Task<T> Ask<T>(object question)
    {
        var failure = hub.Failure;
        var answer = coordinator.Ask<IProtocolMessage>(question, AnswerTime);
        if (await Task.WhenAny(answer, failure) == failure)
            throw new CoordinatorAwayException(await failure);
        try
        {
            return await answer switch
            {
                T wanted => wanted,
                CoordinatorAway away => throw new CoordinatorAwayException(away.Reason),
                var other => throw new InvalidOperationException($"{question} was answered by {other}."),
            };
        }
        catch (AskTimeoutException e)
        {
            throw new CoordinatorAwayException($"The coordinator does not answer: see {log}", e);
        }
    }
}
