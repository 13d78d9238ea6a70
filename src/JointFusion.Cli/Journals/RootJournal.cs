using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Sees that the experiments of one root are all in one journal: their folder remembers which.</summary>
internal static class RootJournal
{
    public static string File(string root) => Path.Combine(root, "journal.db");

    /// <returns>Which database it is in, without a password; null: none.</returns>
    public static string? Elsewhere(string root) => System.IO.File.Exists(Note(root)) ? System.IO.File.ReadAllText(Note(root)).Trim() : null;

    /// <exception cref="BadInputException">They are in another one.</exception>
    public static void Claim(string root, JournalPlace journal)
    {
        if (journal is SqliteJournal)
        {
            if (Elsewhere(root) is { } database)
                throw new BadInputException($"{root}: its journal is in {database}: give that with --journal. Where that is lost, delete {Note(root)}, then: jf doctor --rebuild {root}");
            return;
        }
        if (System.IO.File.Exists(File(root)))
            throw new BadInputException($"{File(root)}: the experiments there are in this journal. Serve them without --journal, or give another --root.");
        try
        {
            Directory.CreateDirectory(root);
            System.IO.File.WriteAllText(Note(root), $"{journal}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{Note(root)}: {refused.Message}");
        }
    }

    private static string Note(string root) => Path.Combine(root, "journal.elsewhere");
}
