using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace JointFusion.Orchestration;

/// <summary>What a coordinator's SQLite journal holds, for reading: also while the coordinator writes it.</summary>
public static class JournalHistory
{
    /// <summary>Every event, in the order written.</summary>
    /// <exception cref="InvalidDataException">The file is no journal, or holds what this version does not know.</exception>
    public static ImmutableArray<IJournalEvent> Read(string journal)
    {
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = journal, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT manifest, message FROM journal WHERE persistence_id = 'coordinator' ORDER BY sequence_number";
            using var rows = command.ExecuteReader();
            var events = ImmutableArray.CreateBuilder<IJournalEvent>();
            while (rows.Read())
                events.Add(Event(rows.GetString(0), rows.GetFieldValue<byte[]>(1)));
            return events.ToImmutable();
        }
        catch (Exception unreadable) when (unreadable is SqliteException or JsonException)
        {
            throw new InvalidDataException($"{journal}: the journal cannot be read: {unreadable.Message}", unreadable);
        }
    }

    private static IJournalEvent Event(string name, byte[] json) =>
        ProtocolTypes.ByName.TryGetValue(name, out var type) && JsonSerializer.Deserialize(json, type) is IJournalEvent known
            ? known
            : throw new InvalidDataException($"'{name}' is no event of this version's journals.");
}
