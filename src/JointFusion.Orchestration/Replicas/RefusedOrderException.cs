namespace JointFusion.Orchestration;

/// <summary>An order that cannot be carried out here, now or later: the attempt ends as <see cref="FailureKind.BadInput"/>.</summary>
public sealed class RefusedOrderException(string message, Exception? inner = null) : Exception(message, inner);
