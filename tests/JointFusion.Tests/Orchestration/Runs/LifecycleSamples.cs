using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>A run in each state, and each message, by the names that the table of <see cref="RunLifecycleTests"/> has for them.</summary>
internal static class LifecycleSamples
{
    public const string Run = "early";
    public const int Generation = 4;
    public static readonly ClusterLimits Limit = new() { FruitlessAttempts = 3 };

    public static RunRecord Fold(RunRecord run, RunMessage message) =>
        RunLifecycle.Process(run, message, Samples.Noon, Limit).Aggregate(run, (state, change) => state.Apply(change));

    public static RunRecord Given(string state)
    {
        var queued = new RunRecord { Order = new RunOrder(Run, "/runs/early", 1), Since = Samples.Noon, Generation = Generation - 1 };
        var placing = Fold(queued, new RunMessage.Place([new("a", 0)]));
        var starting = placing.Apply(new AttemptPlaced(Run, Generation, Samples.Noon)); // As a journal tells it: no phase is known.
        var training = Fold(starting, new RunMessage.Step(Generation, "adaptation", 1));
        return state switch
        {
            "Queued" => queued,
            "Placing" => placing,
            "Starting" => starting,
            "Training" => training,
            "Evaluating" => training.Apply(new EvaluationEntered(Run, Generation, Samples.Noon)),
            "Recovering+" => Fold(Fold(queued, new RunMessage.Place([new("a", 0), new("a", 1)])), Message("EndCrash", Generation, 0)),
            "Recovering-" => Fold(training, Message("EndCrash", Generation, 0)),
            "Yielding" => Fold(training, Message("Yield", Generation, 0)),
            "Pausing" => Fold(training, Message("Pause", Generation, 0)),
            "Cancelling" => Fold(training, Message("Cancel", Generation, 0)),
            "Preempted" => Fold(Given("Yielding"), Message("EndStopped", Generation, 0)),
            "Paused" => Fold(Given("Pausing"), Message("EndStopped", Generation, 0)),
            "Cancelled" => Fold(Given("Cancelling"), Message("EndStopped", Generation, 0)),
            "Held" => Fold(training, Message("EndRung", Generation, 0)),
            "Pruned" => Fold(Given("Held"), Message("Prune", Generation, 0)),
            "Succeeded" => Fold(training, Message("EndOk", Generation, 0)),
            "Failed" => Fold(training, Message("EndBadInput", Generation, 0)),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a row."),
        };
    }

    public static RunMessage Message(string name, int generation, int rank) => name switch
    {
        "Submit" => new RunMessage.Submit(new RunOrder(Run, "/moved/early", 2)),
        "Prioritise" => new RunMessage.Prioritise(5, "ann"),
        "Pause" => new RunMessage.Stop(StopPurpose.Pause, "paused by ann"),
        "Cancel" => new RunMessage.Stop(StopPurpose.Cancel, "cancelled by ann"),
        "Yield" => new RunMessage.Stop(StopPurpose.Yield, "makes room for score"),
        "Resume" => new RunMessage.Resume("resumed by ann"),
        "Adopt" => new RunMessage.Adopt(),
        "Place" => new RunMessage.Place([new("a", 0)]),
        "GiveUp" => new RunMessage.GiveUp("no worker starts"),
        "Promote" => new RunMessage.Promote("promoted"),
        "Prune" => new RunMessage.Prune("ended early"),
        "EndRung" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.AtRung(5, "recall", 0.25)),
        "Phase" => new RunMessage.RankPhase(generation, rank, ReplicaPhase.LoadingData, "icons"),
        "PhaseEval" => new RunMessage.RankPhase(generation, rank, ReplicaPhase.Evaluating, "test"),
        "Listening" => new RunMessage.RankListening(generation, rank, "127.0.0.1:5"),
        "Step" => new RunMessage.Step(generation, "adaptation", 5),
        "Checkpoint" => new RunMessage.Checkpoint(generation, 5),
        "Warning" => new RunMessage.RankWarning(generation, rank, "the disk is full"),
        "Pulse" => new RunMessage.RankPulse(generation, rank, new RankPulse("forward", 5, null, 12, 0.3, 5), IsSilent: false),
        "EndOk" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Succeeded()),
        "EndStopped" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Stopped(5)),
        "EndCrash" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.Crashed, "killed")),
        "EndLost" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.NodeLost, "a is gone")),
        "EndBadInput" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.BadInput, "no such file")),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a column."),
    };
}
