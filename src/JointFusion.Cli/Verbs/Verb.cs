using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>One verb of <c>jf</c>. It declares its arguments in <see cref="Create"/> and acts on their parsed values.</summary>
public abstract class Verb
{
    /// <summary>Command lines for the help text, each with what it does; at least one for each part of a verb that has parts.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>Called once; the returned command runs the verb and gives its <see cref="ExitCode"/>.</summary>
    public Command Create()
    {
        var command = Declare();
        command.WithHelp(Examples);
        foreach (var part in command.Subcommands)
            part.WithHelp([.. Examples.Where(example => $"{example.CommandLine} ".StartsWith($"jf {command.Name} {part.Name} ", StringComparison.Ordinal))]);
        return command;
    }

    protected abstract Command Declare();
}
