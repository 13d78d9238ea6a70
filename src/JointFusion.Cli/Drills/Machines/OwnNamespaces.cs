using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>This program again in namespaces of its own, in which it may make networks and mount disks, by whatever user.</summary>
/// <remarks>With the process that entered them ends all that was started in them: a drill leaves no process, link or mount behind, however it ends.</remarks>
internal static class OwnNamespaces
{
    private static readonly string[] Unshare =
        [.. Environment.IsPrivilegedProcess ? [] : (string[])["--user", "--map-root-user"], "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>Tries in them what a drill will do.</summary>
    /// <returns>Why they are not to be had; null: they are.</returns>
    public static Task<string?> FaultAsync() => SystemCommand.FaultAsync(
        "unshare", [.. Unshare, "sh", "-c", "ip link set lo up && ip link add jf-x type veth peer name jf-y && nsenter --net=/proc/self/ns/net true && mount -t tmpfs jf-drill /tmp"]);

    /// <returns>Its exit code.</returns>
    /// <param name="stop">Kills it, and all in its namespaces.</param>
    public static async Task<int> RunAsync(IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", [.. Unshare, .. OwnProgram.Command, .. arguments]) { UseShellExecute = false })!;
        await using (stop.Register(() => End(process)))
            await process.WaitForExitAsync(CancellationToken.None);
        stop.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    /// <summary>Kills the first process in the namespaces: it is gone when all others there are.</summary>
    private static void End(Process unshare)
    {
        if (File.ReadAllText($"/proc/{unshare.Id}/task/{unshare.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first])
            Signals.Kill(int.Parse(first, CultureInfo.InvariantCulture));
        else
            unshare.Kill();
    }
}
