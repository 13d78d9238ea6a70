namespace JointFusion.Cli;

/// <param name="CommandLine">Ready to paste, such as <c>jf plan experiments/quickstart.yaml</c>.</param>
/// <param name="Purpose">A few words.</param>
public sealed record Example(string CommandLine, string Purpose);
