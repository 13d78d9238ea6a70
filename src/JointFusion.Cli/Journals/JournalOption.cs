using System.CommandLine;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Where a root's journal is, as its verbs are told.</summary>
internal static class JournalOption
{
    public static Option<string?> Create() => new("--journal")
    {
        Description = "A PostgreSQL database for the journal, so that several servers over one root can take over from each other: Npgsql's connection string, without a "
            + "password. That comes from PGPASSWORD or a passfile, or the whole string from $JF_JOURNAL. Default: $JF_JOURNAL, else journal.db in the root, for one server.",
        HelpName = "CONNECTION",
    };

    /// <param name="given">On the command line.</param>
    /// <exception cref="BadInputException">It is no connection string, or one that tells every user of the machine a password.</exception>
    public static JournalPlace Read(string root, string? given)
    {
        var (connection, source) = given is null ? (Environment.GetEnvironmentVariable("JF_JOURNAL"), "JF_JOURNAL") : (given, "--journal");
        if (string.IsNullOrEmpty(connection))
            return new SqliteJournal(RootJournal.File(root));
        try
        {
            var journal = PostgresJournal.Parse(connection);
            return given is not null && journal.HasPassword
                ? throw new BadInputException("--journal: every user of this machine can read the password there. Set JF_JOURNAL to the whole connection string, or leave the password to PGPASSWORD or a passfile.")
                : journal;
        }
        catch (FormatException wrong)
        {
            throw new BadInputException($"{source}: {wrong.Message}");
        }
    }
}
