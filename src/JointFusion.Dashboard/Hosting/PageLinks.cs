namespace JointFusion.Dashboard;

/// <summary>Addresses of pages with what they are asked for, relative to the server's.</summary>
internal static class PageLinks
{
    public static string RunsOf(string experiment) => $"runs?experiment={Uri.EscapeDataString(experiment)}";

    public static string Sweep(string experiment) => $"sweeps?of={Uri.EscapeDataString(experiment)}";

    public static string Extend(string experiment) => $"submit?extend={Uri.EscapeDataString(experiment)}";

    public static string Failures(string experiment, string? run = null) =>
        $"failures?of={Uri.EscapeDataString(experiment)}{(run is null ? "" : $"&run={Uri.EscapeDataString(run)}")}";
}
