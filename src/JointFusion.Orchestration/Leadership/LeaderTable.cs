using Npgsql;

namespace JointFusion.Orchestration;

/// <summary>The one row of a journal's database that says who leads, how long for, and of which root.</summary>
/// <remarks>
/// Whose turn it is, is decided by the database's clock alone. A turn ends when it has not been renewed for <see cref="LeaderLease.Turn"/>, or as
/// soon as the session that renewed it is gone, as it is when its process is killed. Neither has to be right for the journal to be: that is
/// <see cref="TermBegun"/>'s doing.
/// </remarks>
internal static class LeaderTable
{
    /// <summary>Of PostgreSQL's advisory locks: of several servers that start at once, one makes the table.</summary>
    private const string OneAtATime = "SELECT pg_advisory_xact_lock(7401)";

    private const string Create =
        """
        CREATE TABLE IF NOT EXISTS jointfusion_leader (
          only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
          root text NOT NULL,
          term bigint NOT NULL DEFAULT 0,
          holder text NOT NULL DEFAULT '',
          url text NOT NULL DEFAULT '',
          session_pid integer,
          session_since timestamptz,
          expires timestamptz NOT NULL DEFAULT '-infinity');
        INSERT INTO jointfusion_leader (root) VALUES (@root) ON CONFLICT DO NOTHING;
        SELECT root FROM jointfusion_leader;
        """;

    private const string ThisSession =
        "session_pid = pg_backend_pid(), session_since = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()), expires = clock_timestamp() + @turn";

    // Of another role's sessions only the pid is shown: then it is taken for alive until its turn is over.
    private const string HolderIsGone =
        """
        expires < clock_timestamp() OR NOT EXISTS (
          SELECT FROM pg_stat_activity session
          WHERE session.pid = session_pid AND (session.backend_start = session_since OR session.backend_start IS NULL))
        """;

    // A term is never below the clock's seconds: it goes on growing where a database is begun anew under agents that have seen the old one's.
    private const string Take =
        $"""
        UPDATE jointfusion_leader
        SET term = greatest(term + 1, extract(epoch FROM clock_timestamp())::bigint), holder = @holder, url = @url, {ThisSession}
        WHERE holder = @holder OR {HolderIsGone}
        RETURNING term
        """;

    private const string Renew = $"UPDATE jointfusion_leader SET {ThisSession} WHERE holder = @holder AND term = @term RETURNING term";

    private const string GiveUp = "UPDATE jointfusion_leader SET expires = '-infinity' WHERE holder = @holder AND term = @term";

    private const string Look = $"SELECT url FROM jointfusion_leader WHERE NOT ({HolderIsGone})";

    /// <returns>The root whose journal this is: the one given, where the database is new.</returns>
    public static async Task<string> EnsureAsync(NpgsqlConnection connection, string root, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var alone = new NpgsqlCommand(OneAtATime, connection, transaction);
        await alone.ExecuteNonQueryAsync(cancel);
        await using var create = Command(connection, Create, ("root", root));
        var known = (string)(await create.ExecuteScalarAsync(cancel))!;
        await transaction.CommitAsync(cancel);
        return known;
    }

    /// <returns>The term that began; null: another's has not ended.</returns>
    public static async Task<long?> TakeAsync(NpgsqlConnection connection, string holder, string url, TimeSpan turn, CancellationToken cancel)
    {
        await using var take = Command(connection, Take, ("holder", holder), ("url", url), ("turn", turn));
        return (long?)await take.ExecuteScalarAsync(cancel);
    }

    /// <returns>False: another term has begun.</returns>
    public static async Task<bool> RenewAsync(NpgsqlConnection connection, string holder, long term, TimeSpan turn, CancellationToken cancel)
    {
        await using var renew = Command(connection, Renew, ("holder", holder), ("term", term), ("turn", turn));
        return await renew.ExecuteScalarAsync(cancel) is not null;
    }

    public static async Task GiveUpAsync(NpgsqlConnection connection, string holder, long term, CancellationToken cancel)
    {
        await using var giveUp = Command(connection, GiveUp, ("holder", holder), ("term", term));
        await giveUp.ExecuteNonQueryAsync(cancel);
    }

    /// <returns>Where who leads is reached; null: nobody does.</returns>
    public static async Task<string?> LookAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var look = Command(connection, Look);
        return (string?)await look.ExecuteScalarAsync(cancel);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = LeaderLease.AnswerSeconds };
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
