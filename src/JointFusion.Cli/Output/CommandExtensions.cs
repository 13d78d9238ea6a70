using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace JointFusion.Cli;

internal static class CommandExtensions
{
    /// <summary>Replaces the command's help by one that ends with examples.</summary>
    public static void WithHelp(this Command command, IReadOnlyList<Example> examples, string remarks = "")
    {
        var help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
            command.Options.Add(help = new HelpOption());
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples, remarks);
    }

    /// <summary>Such as <c>jf plan</c>.</summary>
    public static string Path(this CommandResult result) =>
        result.Parent is CommandResult parent ? $"{parent.Path()} {result.Command.Name}" : "jf";
}
