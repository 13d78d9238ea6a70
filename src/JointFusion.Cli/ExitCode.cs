namespace JointFusion.Cli;

/// <summary>What scripts may rely on; also told by <c>jf --help</c>.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>A run failed; the message says which rank, phase and why. Of <c>jf checkpoint verify</c>: one is torn.</summary>
    public const int Failed = 1;

    /// <summary>Arguments, spec or data are wrong; nothing was started or created.</summary>
    public const int BadInput = 2;

    /// <summary>The server does not answer, or its coordinator cannot now; nothing was lost, and the same command may do later.</summary>
    public const int Away = 3;

    /// <summary>Ended by Ctrl-C, as shells number it.</summary>
    public const int Interrupted = 130;
}
