using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Verdicts of drills for people.</summary>
internal static class DrillView
{
    public static void Write(IAnsiConsole console, ImmutableArray<DrillVerdict> verdicts)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Drill", "What happened", "Attempts", "Steps repeated", "Lost", "Training away", "Recovered", "Verdict");
        foreach (var verdict in verdicts)
        {
            table.AddRow(
                verdict.Drill, Markup.Escape(verdict.Untried ?? verdict.Fault), Number(verdict, verdict.Attempts), Number(verdict, verdict.StepsRepeated),
                verdict.Untried is not null ? "-" : verdict.Lost.IsEmpty ? "nothing" : Markup.Escape(string.Join("; ", verdict.Lost)),
                Seconds(verdict.TrainingAwaySeconds), verdict.Back is null ? "-" : $"{Markup.Escape(verdict.Back)} after {Seconds(verdict.BackSeconds)}", Word(verdict));
        }
        console.Write(table);
        var tried = verdicts.Count(verdict => verdict.Untried is null);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdicts.Count(verdict => verdict.Survived)} of {tried} faults survived{(tried < verdicts.Length ? $", {verdicts.Length - tried} could not be tried here" : "")}."));
    }

    private static string Word(DrillVerdict verdict) =>
        verdict.Untried is not null ? "not tried"
        : !verdict.Lost.IsEmpty ? "[red]NOT SURVIVED[/]"
        : !verdict.Late.IsEmpty ? $"[red]TOO LATE[/] ({Markup.Escape(string.Join("; ", verdict.Late))})"
        : "survived";

    private static string Number(DrillVerdict verdict, int value) => verdict.Untried is null ? value.ToString(CultureInfo.InvariantCulture) : "-";

    private static string Seconds(double? seconds) => seconds is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
