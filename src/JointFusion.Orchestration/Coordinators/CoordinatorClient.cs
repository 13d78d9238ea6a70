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

    /// <summary>Idempotent by the sweep's name: an order takes the place of the one before. Its runs name it; submit it before them.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task SubmitSweep(SweepOrder order) => Command(new SubmitSweep(order));

    /// <summary>Asks the runs to checkpoint and end, to go on when they are resumed. Returns before they have.</summary>
    /// <param name="by">The user who asks, shown with the run; null: nobody is named. The same below.</param>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Stop(ImmutableArray<string> runs, string? by = null) => Command(new StopRuns(runs, by));

    /// <summary>Ends the runs soon, with time for no more than a quick checkpoint. Returns before they have ended.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Cancel(ImmutableArray<string> runs, string? by = null) => Command(new CancelRuns(runs, by));

    /// <summary>Queues the paused, cancelled and failed ones again, to go on from their newest journalled checkpoints.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Resume(ImmutableArray<string> runs, string? by = null) => Command(new ResumeRuns(runs, by));

    /// <summary>Gives the runs another priority than their orders, at once and for good.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Prioritise(ImmutableArray<string> runs, int priority, string? by = null) => Command(new PrioritiseRuns(runs, priority, by));

    /// <summary>The node gets no new ranks, and its runs go elsewhere from a checkpoint; or all that ends.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Drain(string node, bool drain = true, string? by = null) => Command(drain ? new DrainNode(node, by) : new UndrainNode(node, by));

    /// <summary>Gives a quarantined slot back to runs.</summary>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public Task Release(SlotAddress slot, string? by = null) => Command(new ReleaseSlot(slot, by));

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
