using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Persistence;

namespace JointFusion.Orchestration;

/// <summary>The cluster's one persistent actor: journals what <see cref="ClusterState"/> decides, then sends each node its orders.</summary>
/// <remarks>
/// <code>
/// command --> ClusterState.Process --> events --> journal --> ClusterState.Apply --> orders to the agents, news to the event stream
/// </code>
/// What keeps two of them from writing one journal, whatever each believes of the other: each event has the number after the last one that its
/// writer knows, and the journal takes a number once. A coordinator writes <see cref="TermBegun"/> first, so that whoever led until then knows
/// less than the journal holds, is refused whatever it writes next, and, started again, finds a higher term than its own. Its orders to the
/// agents carry the term, and agents drop those of a lower one than they have seen.
/// </remarks>
internal sealed class Coordinator : ReceivePersistentActor, IWithTimers
{
    public const string Role = "coordinator";

    /// <summary>What its events stand under in the journal.</summary>
    public const string JournalName = "coordinator";

    private readonly AttemptSecrets secrets;
    private readonly ClusterNews news = new(Context.System.EventStream);
    private readonly Dictionary<string, IActorRef> agents = [];
    private readonly TimeProvider clock;
    private readonly long? granted;
    private ClusterState state;
    private long term;

    /// <param name="granted">See <see cref="CoordinatorOptions.Term"/>.</param>
    public Coordinator(ClusterLimits limits, AttemptSecrets secrets, TimeProvider clock, long? granted)
    {
        this.secrets = secrets;
        this.clock = clock;
        this.granted = granted;
        state = ClusterState.Empty(limits);
        Recover<IJournalEvent>(change => state = state.Apply(change));
        Recover<TermBegun>(begun => term = begun.Term);
        Recover<RecoveryCompleted>(_ => BeginTerm());
        Command<NodeReport>(Take);
        Command<LoseNode>(Take);
        Command<LoseUnheardNodes>(command => Do(command, () => { }));
        Command<Reconsider>(command => Do(command, () => { }));
        Command<StepReport>(OnStep);
        Command<SubmitRun>(command => Do(command, Answer));
        Command<SubmitSweep>(command => Do(command, Answer));
        Command<StopRuns>(command => Do(command, Answer));
        Command<CancelRuns>(command => Do(command, Answer));
        Command<ResumeRuns>(command => Do(command, Answer));
        Command<PrioritiseRuns>(command => Do(command, Answer));
        Command<DrainNode>(command => Do(command, Answer));
        Command<UndrainNode>(command => Do(command, Answer));
        Command<ReleaseSlot>(command => Do(command, Answer));
        Command<GetSnapshot>(_ => Sender.Tell(ClusterSnapshot.Of(state, clock.GetUtcNow())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => JournalName;

    // Events are few: states, attempts and checkpoints, never steps. No snapshots are needed.
    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        news.Failed($"The journal could not be written: {cause.Message}.");
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        news.Failed($"The journal refused an event: {cause.Message}.");
        base.OnPersistRejected(cause, @event, sequenceNr);
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        news.Failed($"The journal could not be read: {reason.Message}.");
        base.OnRecoveryFailure(reason, message);
    }

    private void BeginTerm()
    {
        var mine = granted ?? Math.Max(term + 1, clock.GetUtcNow().ToUnixTimeSeconds());
        if (mine < term)
        {
            news.Failed($"Another server has led since (term {term}, after {mine} of this one).");
            Context.Stop(Self);
            return;
        }
        Persist(new TermBegun(mine, clock.GetUtcNow()), begun =>
        {
            term = begun.Term;
            Adopt();
        });
    }

    private void Adopt()
    {
        Do(new AdoptAttempts(), () => { });
        Timers.StartSingleTimer("adoption", new LoseUnheardNodes(), state.Limits.AdoptionTime);
    }

    private void Take(NodeReport report)
    {
        if (!ClusterProtocol.GetsAlongWith(report.Protocol))
        {
            news.Refused(report); // By the API too, before it joins: this is for one that came another way.
            return;
        }
        Hire(report.Node, Sender);
        Do(report, () => { }, report.Node); // An answer in any case: an earlier one may have been lost.
    }

    private void Take(LoseNode lost)
    {
        agents.Remove(lost.Node);
        Do(lost, () => { });
    }

    private void OnStep(StepReport report)
    {
        var events = state.Process(report, clock.GetUtcNow());
        if (events.IsEmpty)
            return; // Of a dead attempt.
        news.Step(report.Metrics);
        Commit(events, () => { });
    }

    private void Hire(string node, IActorRef agent)
    {
        if (agents.TryGetValue(node, out var known) && known.Equals(agent))
            return;
        if (known is not null)
            Context.Unwatch(known);
        agents[node] = agent;
        Context.WatchWith(agent, new LoseNode(node));
    }

    private void Answer() => Sender.Tell(new CommandDone());

    private void Do(ClusterCommand command, Action then, params string[] answered)
    {
        var before = state;
        var began = Stopwatch.GetTimestamp();
        var events = state.Process(command, clock.GetUtcNow());
        ClusterMeter.Decided(began);
        Commit(events, () =>
        {
            SendOrders(NodePlanner.NodesConcerned(before, state, events).Union(answered));
            AwaitNextMoment();
            then();
        });
    }

    /// <summary>Journals what has to be, then applies everything in order. Commands that arrive meanwhile wait.</summary>
    private void Commit(IReadOnlyCollection<IClusterStateEvent> events, Action then)
    {
        var journalled = events.OfType<IJournalEvent>().ToList();
        var left = journalled.Count;
        if (left == 0)
        {
            ApplyAll(events);
            then();
            return;
        }
        PersistAll(journalled, _ =>
        {
            left--;
            if (left > 0)
                return;
            ApplyAll(events);
            then();
        });
    }

    private void ApplyAll(IReadOnlyCollection<IClusterStateEvent> events)
    {
        var before = state;
        foreach (var change in events)
            state = state.Apply(change);
        news.Tell(before, state, events);
    }

    private void AwaitNextMoment()
    {
        var now = clock.GetUtcNow();
        if (state.NextMoment(now) is { } at)
            Timers.StartSingleTimer("moment", new Reconsider(), at - now);
    }

    private void SendOrders(IEnumerable<string> nodes)
    {
        foreach (var node in nodes)
            if (agents.TryGetValue(node, out var agent))
                agent.Tell(NodePlanner.OrdersFor(state, node, secrets) with { Term = term });
    }
}

public static class CoordinatorHosting
{
    private const string Name = "coordinator";
    private static readonly ClusterSingletonOptions Singleton = new() { Role = Coordinator.Role, LogSingletonIdentificationFailure = false };

    /// <summary>Runs the coordinator as the cluster's singleton on nodes of role <c>coordinator</c>, with a proxy here.</summary>
    /// <param name="secrets">Outlives the actor: ranks that form a group while it restarts are to agree.</param>
    public static AkkaConfigurationBuilder AddCoordinator(
        this AkkaConfigurationBuilder builder, ClusterLimits limits, AttemptSecrets secrets, TimeProvider clock) =>
        builder.WithSingleton<Coordinator>(Name, (_, _, _) => PropsFor(limits, secrets, clock, term: null), Singleton);

    /// <summary>The same behind a <see cref="CoordinatorKeeper"/>.</summary>
    /// <param name="term">See <see cref="CoordinatorOptions.Term"/>.</param>
    public static AkkaConfigurationBuilder AddKeptCoordinator(
        this AkkaConfigurationBuilder builder, ClusterLimits limits, AttemptSecrets secrets, TimeProvider clock, long? term) => builder.WithSingleton<Coordinator>(
            Name, (_, _, _) => Props.Create(() => new CoordinatorKeeper(PropsFor(limits, secrets, clock, term))), Singleton);

    /// <summary>The way to it from a member that has another role.</summary>
    public static AkkaConfigurationBuilder AddCoordinatorProxy(this AkkaConfigurationBuilder builder) =>
        builder.WithSingletonProxy<Coordinator>(Name, Singleton);

    private static Props PropsFor(ClusterLimits limits, AttemptSecrets secrets, TimeProvider clock, long? term) =>
        Props.Create(() => new Coordinator(limits, secrets, clock, term));
}
