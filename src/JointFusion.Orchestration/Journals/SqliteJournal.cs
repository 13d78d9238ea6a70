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

    public override string ToString() => path;
}
