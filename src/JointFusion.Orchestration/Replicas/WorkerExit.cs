namespace JointFusion.Orchestration;

/// <summary>How a worker process ended.</summary>
/// <param name="Pid">0 if it could not be started at all.</param>
/// <param name="ExitCode">Null if there never was a process; 128 + n for signal n.</param>
/// <param name="Reason">For users: exit code or signal, and the last lines of its standard error.</param>
public sealed record WorkerExit(int Pid, int? ExitCode, string Reason)
{
    /// <summary>Words for an exit, and for the signal behind it.</summary>
    public static WorkerExit Of(int pid, int exitCode, IReadOnlyCollection<string> lastErrors)
    {
        var how = exitCode switch
        {
            134 => "aborted in native code (SIGABRT)",
            137 => "was killed (SIGKILL: by hand, or by the system when memory ran out)",
            139 => "crashed in native code (SIGSEGV)",
            143 => "was terminated (SIGTERM)",
            > 128 and < 160 => $"was ended by signal {exitCode - 128}",
            _ => $"exited with code {exitCode}",
        };
        var errors = lastErrors.Count == 0 ? "" : $"; its last words: {string.Join(" | ", lastErrors)}";
        return new WorkerExit(pid, exitCode, $"worker process {pid} {how}{errors}");
    }
}
