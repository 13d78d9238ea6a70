using System.Reflection;

namespace JointFusion.Cli;

/// <summary>Of this program, with its commit.</summary>
internal static class JfVersion
{
    public static string Text { get; } = typeof(JfVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
