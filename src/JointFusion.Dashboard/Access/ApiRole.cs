namespace JointFusion.Dashboard;

/// <summary>What a token lets its holder do. Each role may do what those before it may.</summary>
public enum ApiRole
{
    /// <summary>Looks: state, metrics, logs, nodes, the live page.</summary>
    Viewer,

    /// <summary>Submits experiments, and pauses, cancels and resumes their own.</summary>
    Submitter,

    /// <summary>Does so with everybody's, and with the nodes.</summary>
    Admin,
}
