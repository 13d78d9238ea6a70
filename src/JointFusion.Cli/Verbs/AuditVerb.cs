using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary><c>jf audit</c>: who asked a server for what.</summary>
public sealed class AuditVerb(CliContext context) : Verb
{
    private readonly Option<int?> last = new("--last") { Description = "Only so many, the newest.", HelpName = "N" };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<string?> who = new("--who") { Description = "Only what this one asked for.", HelpName = "NAME" };
    private readonly Option<bool> json = new("--json") { Description = "Print JSON, a line each, the oldest first." };
    private readonly Option<string> root = ServerRoot.Option();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf audit", "commands, refusals and changes of tokens, the latest first"),
        new("jf audit --who ann --json", "what ann asked for, for scripts"),
    ];

    protected override Command Declare()
    {
        var command = new Command("audit", "Show a server's audit log: who asked for what, when, from where, and what came of it.") { last, who, all, json, root };
        command.SetAction(Show);
        return command;
    }

    private int Show(ParseResult parsed)
    {
        AuditEntry[] entries = [.. Read(ServerRoot.Existing(parsed.GetValue(root)!)).Where(entry => parsed.GetValue(who) is not { } wanted || entry.Who == wanted)];
        if (parsed.GetValue(last) is { } most)
            entries = [.. entries.TakeLast(most)];
        if (parsed.GetValue(json))
        {
            foreach (var entry in entries)
                context.RawOut.WriteLine(JsonSerializer.Serialize(entry, JointFusionJson.Line));
            return ExitCode.Ok;
        }
        new Listing(context, parsed.GetValue(all)).Write([.. entries.AsEnumerable().Reverse()], "entries", shown => [Table(shown)]);
        return ExitCode.Ok;
    }

    private static Table Table(IReadOnlyList<AuditEntry> entries)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("When", "Who", "Role", "From", "What", "On", "Outcome");
        foreach (var entry in entries)
        {
            table.AddRow(
                entry.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), Markup.Escape(entry.Who), entry.Role?.ToString().ToLowerInvariant() ?? "-",
                entry.From ?? "shell", Markup.Escape(entry.What), Markup.Escape(entry.On), Markup.Escape(entry.Times > 1 ? $"{entry.Outcome}, {entry.Times} times" : entry.Outcome));
        }
        return table;
    }

    private static List<AuditEntry> Read(ServerRoot server)
    {
        try
        {
            return [.. new AuditLog(server.Audit).Read()];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{server.Audit}: {refused.Message}");
        }
    }
}
