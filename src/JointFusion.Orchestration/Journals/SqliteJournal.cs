using Microsoft.Data.Sqlite;

namespace JointFusion.Orchestration;

/// <summary>A file for one coordinator at a time.</summary>
/// <param name="path">Made if missing, and its folder too.</param>
public sealed class SqliteJournal(string path) : JournalPlace
{
    internal override string Provider => "SQLite.MS";

    internal override string Connection => new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();

    /// <summary>Makes the folder if missing, and sees that the file can be read and written, or made.</summary>
    /// <inheritdoc/>
    public override async Task CheckAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            await using var connection = new SqliteConnection(Connection);
            await connection.OpenAsync(cancel);
            await using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE; PRAGMA schema_version; ROLLBACK;";
            await command.ExecuteNonQueryAsync(cancel);
        }
        catch (SqliteException e)
        {
            throw new InvalidOperationException(
                $"The journal {path} cannot be used: {e.Message} Put the file right, or move it away to begin without its history.", e);
        }
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<JournalEntry> ReadAsync(string run, long after, CancellationToken cancel) => JournalReader.ReadAsync(
        new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString()),
        "instr(message, @needle) > 0", run, after, cancel);

    /// <inheritdoc/>
    public override Task<long> SizeAsync(CancellationToken cancel) => Task.FromResult(File.Exists(path) ? new FileInfo(path).Length : 0);

    /// <summary>As it is at one moment, also while a coordinator writes it. Whole there, or not at all.</summary>
    /// <returns>How many events it holds.</returns>
    /// <exception cref="InvalidOperationException">One of the two files refuses.</exception>
    /// <exception cref="IOException">So too.</exception>
    public long CopyTo(string copy)
    {
        var beside = $"{copy}.{Environment.ProcessId}.tmp";
        try
        {
            long events;
            using (var from = new SqliteConnection(Connection))
            using (var to = new SqliteConnection(new SqliteJournal(beside).Connection))
            {
                from.Open();
                to.Open();
                from.BackupDatabase(to);
                using var count = to.CreateCommand();
                count.CommandText = "SELECT count(*) FROM journal";
                events = (long)count.ExecuteScalar()!;
            }
            File.Move(beside, copy, overwrite: true);
            return events;
        }
        catch (SqliteException e)
        {
            File.Delete(beside);
            throw new InvalidOperationException($"The journal {path} could not be copied: {e.Message}", e);
        }
    }

    /// <summary>Lets go of what later events have made worthless: of each run's checkpoints, which are most of a journal, all but the newest. The state that follows is the same.</summary>
    /// <remarks>While no coordinator is at work on it. The last event stays in any case: numbers go on from it.</remarks>
    /// <param name="leastEvents">A journal of fewer is left as it is.</param>
    /// <param name="shrink">Also gives the room back to the disk, for which the file is written anew; otherwise later events use it.</param>
    /// <returns>How many events went.</returns>
    /// <exception cref="InvalidOperationException">It cannot be read or written.</exception>
    public int Compact(int leastEvents, bool shrink)
    {
        if (!File.Exists(path))
            return 0;
        try
        {
            using var connection = new SqliteConnection(Connection);
            connection.Open();
            if (Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'journal'") == 0 || Scalar(connection, "SELECT count(*) FROM journal") < leastEvents)
                return 0;
            using var delete = connection.CreateCommand();
            delete.CommandText = """
                DELETE FROM journal
                WHERE manifest = 'checkpoint-taken'
                AND ordering NOT IN (SELECT max(ordering) FROM journal WHERE manifest = 'checkpoint-taken' GROUP BY json_extract(CAST(message AS TEXT), '$.run'))
                AND sequence_number < (SELECT max(sequence_number) FROM journal)
                """;
            var removed = delete.ExecuteNonQuery();
            if (shrink && removed > 0)
                Scalar(connection, "VACUUM");
            return removed;
        }
        catch (SqliteException e)
        {
            throw new InvalidOperationException($"The journal {path} could not be compacted: {e.Message} It is as it was.", e);
        }
    }

    public override string ToString() => path;

    private static long Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
