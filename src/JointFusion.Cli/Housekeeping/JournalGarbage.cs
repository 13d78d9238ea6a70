using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A root's journal, made smaller while no server is at work on it. Servers do so themselves when they start, to a long one.</summary>
internal static class JournalGarbage
{
    /// <returns>A line for people; null: there is nothing to say.</returns>
    /// <exception cref="IOException">It cannot be compacted.</exception>
    public static string? Compact(ServerRoot server)
    {
        if (!File.Exists(server.Journal))
            return null;
        if (ServerFindings.IsHeld(server.Lock))
            return $"{server.Journal}: left as it is, since a server works on it; it compacts a long one when it starts.";
        using var held = new FileStream(server.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var before = new FileInfo(server.Journal).Length;
        try
        {
            var removed = new SqliteJournal(server.Journal).Compact(leastEvents: 0, shrink: true);
            return removed == 0 ? null : $"{"journal",-10} {Sizes.Text(before - new FileInfo(server.Journal).Length),9}  {server.Journal}: {removed:N0} checkpoints that newer ones have replaced";
        }
        catch (InvalidOperationException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }
}
