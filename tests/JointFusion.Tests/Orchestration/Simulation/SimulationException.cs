namespace JointFusion.Tests;

/// <summary>The cluster did what it never may.</summary>
internal sealed class SimulationException(string message) : Exception(message);
