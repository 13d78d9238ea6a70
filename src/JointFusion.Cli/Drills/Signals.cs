using System.Runtime.InteropServices;

namespace JointFusion.Cli;

/// <summary>Signals to processes of a drill.</summary>
internal static class Signals
{
    private const int Sigkill = 9, Sigcont = 18, Sigstop = 19; // Linux on every processor that .NET runs on.

    public static void Kill(int pid) => Send(pid, Sigkill);

    public static void Freeze(int pid) => Send(pid, Sigstop);

    public static void Thaw(int pid) => Send(pid, Sigcont);

    private static void Send(int pid, int signal)
    {
        if (kill(pid, signal) != 0)
            throw new InvalidOperationException($"kill({pid}, {signal}): {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}
