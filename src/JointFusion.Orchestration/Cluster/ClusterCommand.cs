namespace JointFusion.Orchestration;

/// <summary>What changes the cluster's state. The serializable ones are the protocol's; the rest come from the coordinator itself.</summary>
public abstract record ClusterCommand;

/// <summary>A node's agent is gone, and its workers with it as far as the coordinator can know.</summary>
public sealed record LoseNode(string Node) : ClusterCommand;

/// <summary>Time has passed: a run that was to wait after a failure may have waited long enough.</summary>
public sealed record Reconsider : ClusterCommand;

/// <summary>The journal has been replayed; the attempts in it are another incarnation's.</summary>
public sealed record ForgetAttempts : ClusterCommand;
