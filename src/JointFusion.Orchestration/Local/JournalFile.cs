using Microsoft.Data.Sqlite;

namespace JointFusion.Orchestration;

/// <summary>The coordinator's SQLite file, looked at before Akka opens it: its own way of failing takes half a minute and names no file.</summary>
internal static class JournalFile
{
    public static string ConnectionTo(string path) => new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();

    /// <summary>Makes the folder if missing, and sees that the file can be read and written, or made.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public static void Check(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            using var connection = new SqliteConnection(ConnectionTo(path));
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE; PRAGMA schema_version; ROLLBACK;";
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw new InvalidOperationException(
                $"The journal {path} cannot be used: {e.Message} Put the file right, or move it away to begin without its history.", e);
        }
    }
}
