using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Training;

/// <summary>A process that cannot be confused with a later one of the same number.</summary>
/// <param name="StartTime">Only to be compared: clock ticks since the machine's start on Linux, ticks of the calendar elsewhere.</param>
internal readonly record struct PeerProcess(int Id, long StartTime)
{
    public static PeerProcess Current { get; } = new(Environment.ProcessId, StartTimeOf(Environment.ProcessId) ?? 0);

    /// <summary>False once it has ended, also while its parent has not taken note.</summary>
    public bool IsAlive => StartTimeOf(Id) == StartTime;

    private static long? StartTimeOf(int id) => OperatingSystem.IsLinux() ? FromProc(id) : FromSystem(id);

    /// <summary>Fields of /proc/PID/stat after the name in parentheses, see proc(5): the first is the state, the twentieth the start time.</summary>
    private static long? FromProc(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // no such process, or it ended while it was read
        }
    }

    private static long? FromSystem(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited ? null : process.StartTime.Ticks;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
