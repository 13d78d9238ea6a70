namespace JointFusion.Cli;

/// <summary>What the user gave cannot be used. Ends the verb with <see cref="ExitCode.BadInput"/> and the message alone.</summary>
/// <param name="message">Names the file, the cause and the way out; may have several lines.</param>
public sealed class BadInputException(string message) : Exception(message);
