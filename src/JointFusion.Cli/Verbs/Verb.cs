using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>One verb of <c>jf</c>. It declares its arguments in <see cref="Create"/> and acts on their parsed values.</summary>
public abstract class Verb
{
    /// <summary>Command lines for the help text, each with what it does.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>Called once; the returned command runs the verb and gives its <see cref="ExitCode"/>.</summary>
    public Command Create()
    {
        var command = Declare();
        command.WithHelp(Examples);
        return command;
    }

    protected abstract Command Declare();
}
