using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A copy of a root's journal, also while a server writes it.</summary>
internal static class JournalBackup
{
    /// <returns>How many events it holds.</returns>
    /// <exception cref="BadInputException">There is none, it is a database, or the copy cannot be written.</exception>
    public static long Write(string root, string to)
    {
        var journal = RootJournal.File(root);
        if (RootJournal.Elsewhere(root) is { } database)
            throw new BadInputException($"{root}: its journal is in {database}. Back that up with PostgreSQL's own means: pg_dump --table journal --table tags --table jointfusion_leader");
        if (!File.Exists(journal))
            throw new BadInputException($"{root}: there is no journal.db in it. Is it the --root of a jf serve?");
        if (Path.GetFullPath(to) == Path.GetFullPath(journal))
            throw new BadInputException($"{to}: that is the journal itself.");
        try
        {
            return new SqliteJournal(journal).CopyTo(to);
        }
        catch (Exception refused) when (refused is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{to}: {refused.Message}");
        }
    }
}
