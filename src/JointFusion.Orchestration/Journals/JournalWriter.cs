using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;

namespace JointFusion.Orchestration;

/// <summary>Writes a journal that a coordinator will then begin with, while none is at work on it.</summary>
public static class JournalWriter
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="log">Takes Akka's lines.</param>
    /// <exception cref="InvalidOperationException">The journal cannot be used, or holds events already.</exception>
    public static async Task BeginAsync(JournalPlace journal, ImmutableArray<IJournalEvent> events, string log, CancellationToken cancel)
    {
        await journal.CheckAsync(cancel);
        var settings = ConfigurationFactory.ParseString($"""
            akka.loglevel = INFO
            akka.loggers = ["{typeof(FileLogger).FullName}, {typeof(FileLogger).Assembly.GetName().Name}"]
            """).WithFallback(AkkaSettings.For(new MembershipSettings(), journal, log));
        var system = ActorSystem.Create("journal", BootstrapSetup.Create().WithConfig(settings));
        try
        {
            var done = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            system.ActorOf(Props.Create(() => new Writer(events, done)), "writer");
            if (await done.Task.WaitAsync(Limit, cancel) is { } fault)
                throw new InvalidOperationException($"The journal {journal} was not begun: {fault}");
        }
        finally
        {
            await system.Terminate();
        }
    }

    /// <summary>All or nothing: the events are one write.</summary>
    private sealed class Writer : ReceivePersistentActor
    {
        private readonly ImmutableArray<IJournalEvent> events;
        private readonly TaskCompletionSource<string?> done;

        public Writer(ImmutableArray<IJournalEvent> events, TaskCompletionSource<string?> done)
        {
            this.events = events;
            this.done = done;
            Recover<RecoveryCompleted>(_ => Begin());
            RecoverAny(_ => { });
        }

        public override string PersistenceId => Coordinator.JournalName;

        public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => done.TrySetResult(cause.Message);

        protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => done.TrySetResult(cause.Message);

        protected override void OnRecoveryFailure(Exception reason, object? message = null) => done.TrySetResult(reason.Message);

        private void Begin()
        {
            if (LastSequenceNr > 0)
            {
                done.TrySetResult("it holds events already. Move it away first, or begin with an empty database.");
                return;
            }
            var left = events.Length;
            if (left == 0)
                done.TrySetResult(null);
            PersistAll(events, _ =>
            {
                left--;
                if (left == 0)
                    done.TrySetResult(null);
            });
        }
    }
}
