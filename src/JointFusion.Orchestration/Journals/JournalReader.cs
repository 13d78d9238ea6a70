using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace JointFusion.Orchestration;

/// <summary>Reads one run's events out of Akka's table, beside the coordinator that writes it.</summary>
internal static class JournalReader
{
    /// <param name="connection">Closed; opened here, and disposed.</param>
    /// <param name="holds">SQL that is true where the bytes of <c>message</c> hold those of <c>@needle</c>: most of a journal is of other runs, and is not parsed for this one.</param>
    /// <param name="run">As the cluster knows it.</param>
    /// <param name="after">Entries up to this number are left out.</param>
    /// <returns>Newest first.</returns>
    /// <exception cref="DbException">The database refuses.</exception>
    public static async IAsyncEnumerable<JournalEntry> ReadAsync(
        DbConnection connection, string holds, string run, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var ours = connection;
        await connection.OpenAsync(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT sequence_number, created, manifest, message FROM journal
            WHERE persistence_id = '{Coordinator.JournalName}' AND sequence_number > @after AND {holds}
            ORDER BY sequence_number DESC
            """;
        Add(command, "@after", after);
        Add(command, "@needle", Encoding.UTF8.GetBytes($"\"run\":\"{JsonEncodedText.Encode(run)}\""));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            if (Entry(rows) is { } entry && entry.Event.Run == run)
                yield return entry;
    }

    /// <returns>Null: of no run, or of a kind that this version does not know.</returns>
    private static JournalEntry? Entry(DbDataReader row)
    {
        var kind = row.GetString(2);
        return ProtocolTypes.ByName.TryGetValue(kind, out var type) && JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(3), type) is RunEvent happened
            ? new JournalEntry(row.GetInt64(0), new DateTimeOffset(row.GetInt64(1), TimeSpan.Zero), kind, happened)
            : null;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
