using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Tests that compare speeds: no other runs in this process meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Undisturbed
{
    public const string Name = "undisturbed";
}
