using System.Collections;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>What verbs reach the world through.</summary>
/// <param name="Out">Results for people. Colour and width follow the terminal; NO_COLOR and redirection are respected.</param>
/// <param name="RawOut">The same stream without wrapping or markup, for JSON.</param>
/// <param name="Error">Faults and progress.</param>
/// <param name="Cores">Of this machine.</param>
public sealed record CliContext(IAnsiConsole Out, TextWriter RawOut, TextWriter Error, IDataCatalog Data, int Cores)
{
    /// <summary>Wide enough that no table of a plan wraps in a file or a pipe.</summary>
    private const int RedirectedWidth = 180;

    private const int RedirectedHeight = 24;

    /// <summary>Whether <see cref="Out"/> is a screen that somebody looks at.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Lines of the terminal, as it is now; null: there is none.</summary>
    public int? ScreenLines => IsTerminal ? Out.Profile.Height : null;

    public static CliContext ForProcess(IDataCatalog data)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out), EnvironmentVariables = EnvironmentVariables() });
        if (Console.IsOutputRedirected)
            (console.Profile.Width, console.Profile.Height) = (RedirectedWidth, RedirectedHeight); // Else the terminal's database is read for them.
        return new(console, Console.Out, Console.Error, data, Environment.ProcessorCount) { IsTerminal = !Console.IsOutputRedirected };
    }

    /// <summary>In place on a terminal, line by line elsewhere.</summary>
    public IProgressView CreateProgressView() => Out.Profile.Capabilities.Interactive && Out.Profile.Capabilities.Ansi && !Console.IsOutputRedirected
        ? new LiveProgress(Out, TimeProvider.System)
        : new PlainProgress(RawOut, TimeProvider.System);

    /// <summary>Left to itself the console asks for them with a query that is compiled at each start.</summary>
    private static Dictionary<string, string> EnvironmentVariables()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
