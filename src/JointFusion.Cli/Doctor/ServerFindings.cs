using System.Net.Sockets;
using JointFusion.Orchestration;
using Microsoft.Data.Sqlite;

namespace JointFusion.Cli;

/// <summary>What a server holds: its port and its journal.</summary>
internal static class ServerFindings
{
    /// <summary>Whether another process has the file for itself.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <param name="isRunning">A server has the root.</param>
    public static Finding Port(Uri listen, bool isRunning)
    {
        var where = $"{listen.Host}:{listen.Port}";
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new System.Net.IPEndPoint(Membership.Resolve(listen.DnsSafeHost), listen.Port));
            return isRunning
                ? Finding.Warn("port", $"{where} is free, though a server works on the root: it serves elsewhere", "see what it printed after \"Server:\", and give that as --listen")
                : Finding.Ok("port", $"{where} is free");
        }
        catch (SocketException taken)
        {
            return isRunning
                ? Finding.Ok("port", $"{where} is taken, as it should: a server works on the root")
                : Finding.Fail("port", $"{where}: {taken.Message}", "give another address of this machine or another port: jf serve --listen");
        }
    }

    /// <summary>Read alone: the server may be writing it.</summary>
    public static Finding Journal(string path)
    {
        if (!File.Exists(path))
            return Finding.Ok("journal", $"{path} is not there yet: jf serve makes it");
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            var verdict = command.ExecuteScalar() as string;
            return verdict == "ok"
                ? Finding.Ok("journal", $"{path}: whole, {Sizes.Text(new FileInfo(path).Length)}")
                : Finding.Fail("journal", $"{path}: {verdict}", "bring back a copy of it");
        }
        catch (SqliteException unreadable)
        {
            return Finding.Fail("journal", $"{path}: {unreadable.Message}", "put the file right, or bring back a copy of it");
        }
    }

    /// <summary>In a database.</summary>
    public static async Task<Finding> JournalAsync(JournalPlace journal, CancellationToken cancel)
    {
        try
        {
            await journal.CheckAsync(cancel);
            return Finding.Ok("journal", $"{journal}: answers");
        }
        catch (InvalidOperationException unusable)
        {
            return Finding.Fail("journal", $"{journal}: {unusable.Message}", "start or mend the database, or give another one: --journal");
        }
    }
}
