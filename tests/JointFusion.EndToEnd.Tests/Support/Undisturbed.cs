using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Tests with a limit on time: no other runs in this process meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Undisturbed
{
    public const string Name = "undisturbed";
}
