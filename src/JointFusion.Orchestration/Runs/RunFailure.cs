namespace JointFusion.Orchestration;

/// <summary>Why an attempt or a run failed.</summary>
/// <param name="Rank">The culprit; null where no rank was ever placed.</param>
/// <param name="Phase">What that rank was doing.</param>
public sealed record RunFailure(int? Rank, ReplicaPhase? Phase, FailureKind Kind, string Message)
{
    /// <summary>Trying again could help.</summary>
    public bool IsRetryable => Kind is FailureKind.PeerLost or FailureKind.Crashed or FailureKind.NodeLost;

    /// <summary>One cause is often seen as several failures: a lost peer is a symptom of a crash, a crash perhaps of a bad input elsewhere.</summary>
    public bool IsCloserToTheCauseThan(RunFailure? other) => other is null || Weight(this) > Weight(other);

    /// <summary>One line for users: which rank, which phase and why.</summary>
    public override string ToString() => this switch
    {
        { Rank: null } => $"{Words(Kind)}: {Message}",
        { Kind: FailureKind.NodeLost, Phase: null } => $"rank {Rank}, {Words(Kind)}: {Message}", // what it was doing went with the node
        _ => $"rank {Rank}, {Words(Phase)}, {Words(Kind)}: {Message}",
    };

    private static int Weight(RunFailure failure) => !failure.IsRetryable ? 2 : failure.Kind == FailureKind.PeerLost ? 0 : 1;

    private static string Words(FailureKind kind) => kind switch
    {
        FailureKind.PeerLost => "lost a peer",
        FailureKind.Crashed => "crashed",
        FailureKind.BadInput => "bad input",
        FailureKind.WrongGradients => "wrong gradients",
        FailureKind.NonFinite => "non-finite numbers",
        FailureKind.OutOfMemory => "out of memory",
        FailureKind.Unhealthy => "stopped for its health",
        FailureKind.NodeLost => "node lost",
        _ => kind.ToString(),
    };

    private static string Words(ReplicaPhase? phase) => phase switch
    {
        ReplicaPhase.Starting => "while starting",
        ReplicaPhase.Connecting => "while connecting",
        ReplicaPhase.CheckingGradients => "while checking gradients",
        ReplicaPhase.LoadingData => "while loading data",
        ReplicaPhase.Resuming => "while resuming",
        ReplicaPhase.Training => "while training",
        ReplicaPhase.Evaluating => "while evaluating",
        _ => "before starting",
    };
}
