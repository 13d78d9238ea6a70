using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Tests that compare speeds, or set what the whole process has: no other runs in it meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Undisturbed
{
    public const string Name = "undisturbed";
}
