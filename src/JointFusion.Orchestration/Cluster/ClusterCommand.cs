namespace JointFusion.Orchestration;

/// <summary>What changes the cluster's state. The serializable ones are the protocol's; the rest come from the coordinator itself.</summary>
public abstract record ClusterCommand;

/// <summary>A node's agent is gone, and its workers with it as far as the coordinator can know.</summary>
public sealed record LoseNode(string Node) : ClusterCommand;

/// <summary>Time has passed: a run that was to wait after a failure may have waited long enough.</summary>
public sealed record Reconsider : ClusterCommand;

/// <summary>The journal has been replayed: attempts may have gone on meanwhile, and their nodes are about to say so.</summary>
public sealed record AdoptAttempts : ClusterCommand;

/// <summary>After <see cref="ClusterLimits.AdoptionTime"/>: nodes of attempts in the journal that have not reported by now are lost.</summary>
public sealed record LoseUnheardNodes : ClusterCommand;
