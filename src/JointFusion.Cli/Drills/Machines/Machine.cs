using System.Collections.Immutable;

namespace JointFusion.Cli;

/// <summary>What stands for one machine in a drill.</summary>
/// <param name="Address">Where the others reach it.</param>
/// <param name="Enter">Put before a command so that it runs there.</param>
internal sealed record Machine(string Name, string Address, ImmutableArray<string> Enter);
