using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary><c>jf token</c>: who may ask a server for what. Works on the server's folder, so that whoever can write there is its administrator.</summary>
public sealed class TokenVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf token create ann --role submitter --expires 90d", "a token for ann, shown this once"),
        new("jf token create wall --role viewer", "one that only looks"),
        new("jf token ls", "whose tokens there are, with roles; never the tokens"),
        new("jf token ls --json", "the same for scripts"),
        new("jf token revoke ann", "hers is worth nothing from her next request on, and what she has open is cut"),
    ];

    protected override Command Declare() => new(
        "token",
        "Give others tokens for a server: viewers look, submitters also submit and command their own experiments, admins command everybody's and the nodes. "
        + "The server's own token, in the link that jf serve prints, is an admin's.")
    {
        Make(), List(), Revoke(),
    };

    private Command Make()
    {
        var name = new Argument<string>("NAME") { Description = "Whose it is: shown with what is done with it." };
        var role = new Option<ApiRole>("--role") { Description = "viewer, submitter or admin.", Required = true, HelpName = "ROLE" };
        var expires = new Option<string?>("--expires") { Description = "How long it is good for, such as 12h or 90d. Default: until it is revoked.", HelpName = "TIME" };
        var root = ServerRoot.Option();
        var command = new Command("create", "Make a token and print it: it is kept nowhere, the server has its hash.") { name, role, expires, root };
        command.SetAction(parsed => Guarded(() =>
        {
            var now = DateTimeOffset.UtcNow;
            DateTimeOffset? ends = parsed.GetValue(expires) is { } time ? now + Ages.Parse("--expires", time) : null;
            var server = ServerRoot.Existing(parsed.GetValue(root)!);
            var (who, what) = (parsed.GetRequiredValue(name), parsed.GetValue(role));
            var made = new TokenBook(server.Tokens).Create(who, what, ends, now);
            Audit(server, "token create", $"{who} ({what.ToString().ToLowerInvariant()})");
            context.Error.WriteLine($"{who}: {what.ToString().ToLowerInvariant()}, {Until(ends)}. The token is shown this once; {who} sets JF_TOKEN to it:");
            context.RawOut.WriteLine(made.Text);
        }));
        return command;
    }

    private Command List()
    {
        var root = ServerRoot.Option();
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print them as JSON, without hashes." };
        var command = new Command("ls", "List the tokens by name, with role and end; those that are good for something first.") { root, all, json };
        command.SetAction(parsed => Guarded(() =>
        {
            var now = DateTimeOffset.UtcNow;
            TokenRow[] rows = [.. new TokenBook(ServerRoot.Existing(parsed.GetValue(root)!).Tokens).All.Select(token => TokenRow.Of(token, now)).OrderByDescending(token => token.Valid)];
            if (parsed.GetValue(json))
                context.RawOut.WriteLine(JsonSerializer.Serialize(rows, JointFusionJson.File));
            else
                new Listing(context, parsed.GetValue(all)).Write(rows, "tokens", shown => [Table(shown)]);
        }));
        return command;
    }

    private static Table Table(IReadOnlyList<TokenRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Name", "Role", "Made", "Good");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Name), row.Role.ToString().ToLowerInvariant(), row.Created.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
                row.Valid ? Until(row.Expires) : "no more");
        }
        return table;
    }

    private Command Revoke()
    {
        var name = new Argument<string>("NAME") { Description = "As jf token ls shows it." };
        var root = ServerRoot.Option();
        var command = new Command("revoke", "Make a token worth nothing.") { name, root };
        command.SetAction(parsed => Guarded(() =>
        {
            var server = ServerRoot.Existing(parsed.GetValue(root)!);
            var who = parsed.GetRequiredValue(name);
            if (!new TokenBook(server.Tokens).Revoke(who))
                throw new BadInputException($"{server.Tokens}: no token \"{who}\": jf token ls lists them.");
            Audit(server, "token revoke", who);
            context.RawOut.WriteLine($"{who}: revoked.");
        }));
        return command;
    }

    private static string Until(DateTimeOffset? ends) =>
        ends is { } end ? $"until {end.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}" : "until it is revoked";

    private void Audit(ServerRoot server, string what, string on) => new AuditLog(server.Audit, context.Error.WriteLine)
        .Add(new AuditEntry(DateTimeOffset.UtcNow, Environment.UserName, null, null, what, on, "done"));

    private static int Guarded(Action act)
    {
        try
        {
            act();
            return ExitCode.Ok;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(refused.Message);
        }
    }
}
