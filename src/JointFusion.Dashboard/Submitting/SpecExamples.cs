using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>The experiments that come with the program, for who would begin with one.</summary>
internal static class SpecExamples
{
    private const string Prefix = "example/";

    /// <summary>Such as quickstart.yaml or paper/lamra.yaml.</summary>
    public static ImmutableArray<string> Names { get; } =
        [.. typeof(SpecExamples).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..])
            .OrderBy(name => name.Contains('/', StringComparison.Ordinal)).ThenByDescending(name => name, StringComparer.Ordinal)];

    public static string Text(string name) => EmbeddedAssets.Text(Prefix + name);
}
