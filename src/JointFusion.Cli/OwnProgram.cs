using System.Collections.Immutable;

namespace JointFusion.Cli;

/// <summary>How this program starts itself again.</summary>
internal static class OwnProgram
{
    /// <summary>The executable, and the assembly where that is the host of all of them.</summary>
    public static ImmutableArray<string> Command { get; } = Find();

    private static ImmutableArray<string> Find()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        var isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return isHost ? [program, typeof(OwnProgram).Assembly.Location] : [program];
    }
}
