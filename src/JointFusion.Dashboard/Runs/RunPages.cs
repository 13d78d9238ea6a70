namespace JointFusion.Dashboard;

/// <summary>Where a run's page is.</summary>
internal static class RunPages
{
    /// <param name="run">As the cluster names it.</param>
    public static string Address(string run) => $"runs/{string.Join('/', run.Split('/').Select(Uri.EscapeDataString))}";
}
