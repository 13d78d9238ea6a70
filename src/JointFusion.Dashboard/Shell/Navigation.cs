using System.Collections.Immutable;
using System.Reflection;

namespace JointFusion.Dashboard;

/// <summary>The pages that there are, as those of this assembly say themselves: no link can lead to one that is missing.</summary>
internal static class Navigation
{
    /// <summary>What the bare address shows.</summary>
    public const string Landing = "runs";

    private static readonly ImmutableArray<NavPageAttribute> All =
        [.. typeof(Navigation).Assembly.GetTypes().Select(type => type.GetCustomAttribute<NavPageAttribute>()).OfType<NavPageAttribute>().OrderBy(page => page.Place)];

    public static IEnumerable<NavPageAttribute> For(ApiRole role, ServerDesk server) =>
        All.Where(page => page.Role <= role && (server.Desk is not null || !page.NeedsServer) && (server.Retrievers is not null || !page.NeedsRetrievers));

    /// <param name="path">Of the page that is shown, without slash, query or fragment.</param>
    public static bool Leads(NavPageAttribute link, string path) =>
        path == link.Path || path.StartsWith($"{link.Path}/", StringComparison.Ordinal) || (path.Length == 0 && link.Path == Landing);
}
