namespace JointFusion.Orchestration;

/// <summary>The coordinator cannot answer now. Asked again later it may: nothing that it had confirmed is lost.</summary>
public sealed class CoordinatorAwayException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
