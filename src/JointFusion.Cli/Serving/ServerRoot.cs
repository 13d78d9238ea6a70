using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>The folder of a server, with the names of what is in it beside experiments.</summary>
/// <param name="Path">Absolute.</param>
internal sealed record ServerRoot(string Path)
{
    private const string Default = "experiments.served";
    private static readonly string[] Own = ["lock", "journal.db", "journal.elsewhere", "attempts.key", "logs", "tokens.json", "audit.jsonl", "room.json"];

    /// <summary>Held by the server that runs.</summary>
    public string Lock => In("lock");

    public string Journal => In("journal.db");

    /// <summary>Says in which database the journal is, where it is in one.</summary>
    public string JournalElsewhere => In("journal.elsewhere");

    /// <summary>Behind the secrets by which an attempt's ranks know each other.</summary>
    public string AttemptsKey => In("attempts.key");

    public string CoordinatorLog => In(System.IO.Path.Combine("logs", "coordinator.log"));

    /// <summary>What the process says that answers the playground.</summary>
    public string QueryLog => In(System.IO.Path.Combine("logs", "queries.log"));

    /// <summary>Named tokens, as hashes.</summary>
    public string Tokens => In("tokens.json");

    public string Audit => In("audit.jsonl");

    /// <summary>Nodes and slots that are kept from runs: see <see cref="RoomStanding"/>.</summary>
    public string Room => In("room.json");

    public static Option<string> Option(string description) => new("--root") { Description = description, HelpName = "DIR", DefaultValueFactory = _ => Default };

    /// <summary>Of verbs that work beside a server, or without one.</summary>
    public static Option<string> Option() => Option("The server's folder: what `jf serve --root` was given.");

    /// <exception cref="BadInputException">There is no such folder.</exception>
    public static ServerRoot Existing(string given) => Directory.Exists(given)
        ? new ServerRoot(System.IO.Path.GetFullPath(given))
        : throw new BadInputException($"--root {given}: there is no such folder. Give the one that jf serve was given, or start it once: jf serve --root {given}");

    /// <summary>Whether the server may have something of this name there, now or later: no experiment can.</summary>
    public static bool IsOwn(string name) => Own.Any(own => name == own || name.StartsWith($"{own}.", StringComparison.Ordinal));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
