namespace JointFusion.Cli;

/// <summary>The server does not answer, or cannot now. Ends the verb with <see cref="ExitCode.Away"/> and the message alone.</summary>
public sealed class AwayException(string message, Exception? inner = null) : Exception(message, inner);
