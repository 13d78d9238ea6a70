namespace JointFusion.Orchestration;

/// <summary>The other side of a worker's link sent, or was about to be sent, what the protocol does not have.</summary>
public sealed class LinkProtocolException(string message, Exception? inner = null) : Exception(message, inner);
