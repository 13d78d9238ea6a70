using System.Globalization;
using System.Net;
using Npgsql;

namespace JointFusion.Orchestration;

/// <summary>A PostgreSQL database, for coordinators of several processes and machines, of which one at a time leads: see <see cref="LeaderLease"/>.</summary>
public sealed class PostgresJournal : JournalPlace
{
    private const int ConnectSeconds = 5;
    private const int MillisecondsToAnswer = 10_000;

    private const string DeleteReplaced =
        """
        DELETE FROM journal
        WHERE manifest = 'checkpoint-taken'
        AND (SELECT count(*) FROM journal) >= @least
        AND EXISTS (SELECT FROM jointfusion_leader WHERE term = @term)
        AND ordering NOT IN (SELECT max(ordering) FROM journal WHERE manifest = 'checkpoint-taken' GROUP BY convert_from(message, 'UTF8')::json ->> 'run')
        AND sequence_number < (SELECT max(sequence_number) FROM journal)
        """;

    private readonly NpgsqlConnectionStringBuilder settings;

    private PostgresJournal(NpgsqlConnectionStringBuilder settings) => this.settings = settings;

    internal override string Provider => "PostgreSQL.15";

    internal override string Connection => settings.ConnectionString;

    /// <summary>Whether it would stand in the list of processes, were the connection string an argument.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(settings.Password);

    /// <param name="connection">Npgsql's: <c>Host=...;Database=...;Username=...</c>. A password may come from PGPASSWORD or a passfile too.</param>
    /// <exception cref="FormatException">It is none, or its bytes would travel in plain text. The message repeats none of it but the host.</exception>
    public static PostgresJournal Parse(string connection)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            throw new FormatException("not a connection string of PostgreSQL's such as \"Host=db1;Database=jointfusion;Username=jf\" (it is not repeated here, since it may hold a password).");
        }
        if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            throw new FormatException("a PostgreSQL journal needs Host and Database, as in \"Host=db1;Database=jointfusion;Username=jf\".");
        if (!settings.Host.Split(',').All(IsOfThisMachine) && settings.SslMode is not (SslMode.VerifyCA or SslMode.VerifyFull))
        {
            throw new FormatException(
                $"{settings.Host} is another machine, and the journal must not travel in plain text or to somebody who pretends: add \"SSL Mode=VerifyFull;Root Certificate=CA.pem\".");
        }
        settings.ApplicationName ??= "jf serve";
        settings.Timeout = ConnectSeconds;
        settings.PersistSecurityInfo = false;
        settings.IncludeErrorDetail = false;
        return new PostgresJournal(settings);
    }

    /// <inheritdoc/>
    public override async Task CheckAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Alone());
            await connection.OpenAsync(cancel);
            await using var command = new NpgsqlCommand("SELECT pg_is_in_recovery()", connection);
            if (await command.ExecuteScalarAsync(cancel) is true)
                throw new InvalidOperationException($"The journal in {this} cannot be used: it is a replica that only reads. Name its primary.");
        }
        catch (NpgsqlException e)
        {
            throw new InvalidOperationException(
                $"The journal in {this} cannot be used: {e.Message} Start the database, make \"{settings.Database}\" (createdb), or put the connection right.", e);
        }
    }

    /// <summary>As <see cref="SqliteJournal.Compact"/>, but with the room left to the database, and also while another server believes that it leads: what goes has been replaced, whoever did.</summary>
    /// <param name="leastEvents">A journal of fewer is left as it is.</param>
    /// <param name="term">Of the server that leads: where another term has begun, nothing is done.</param>
    /// <returns>How many events went.</returns>
    /// <exception cref="InvalidOperationException">The database does not answer, or refuses. The journal is as it was.</exception>
    public async Task<int> CompactAsync(int leastEvents, long term, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Alone());
            await connection.OpenAsync(cancel);
            await using var look = new NpgsqlCommand("SELECT to_regclass('journal') IS NOT NULL", connection);
            if (await look.ExecuteScalarAsync(cancel) is not true)
                return 0; // The first coordinator will make it.
            await using var delete = new NpgsqlCommand(DeleteReplaced, connection);
            delete.Parameters.AddWithValue("least", (long)leastEvents);
            delete.Parameters.AddWithValue("term", term);
            return await delete.ExecuteNonQueryAsync(cancel);
        }
        catch (NpgsqlException e)
        {
            throw new InvalidOperationException($"The journal in {this} could not be compacted: {e.Message} It is as it was.", e);
        }
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<JournalEntry> ReadAsync(string run, long after, CancellationToken cancel) =>
        JournalReader.ReadAsync(new NpgsqlConnection(Connection), "position(@needle in message) > 0", run, after, cancel);

    /// <inheritdoc/>
    public override async Task<long> SizeAsync(CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand("SELECT pg_total_relation_size('journal')", connection);
        return await command.ExecuteScalarAsync(cancel) is long bytes ? bytes : 0;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"PostgreSQL, database {settings.Database} at {settings.Host}{(settings.Host!.StartsWith('/') ? "" : $":{settings.Port}")}");

    /// <summary>For a connection that is no other's and ends when it is closed.</summary>
    internal string Alone() => new NpgsqlConnectionStringBuilder(settings.ConnectionString)
    {
        Pooling = false,
        CancellationTimeout = MillisecondsToAnswer,
        TcpKeepAlive = true,
    }.ConnectionString;

    private static bool IsOfThisMachine(string host) =>
        host.StartsWith('/') || host.StartsWith('@') || host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
