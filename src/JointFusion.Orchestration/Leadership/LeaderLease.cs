using System.Net.Sockets;
using Npgsql;

namespace JointFusion.Orchestration;

/// <summary>One server's way to lead a cluster whose journal is in PostgreSQL: it asks for the lead until it has it.</summary>
/// <remarks>Not for several callers at once.</remarks>
public sealed class LeaderLease : IAsyncDisposable
{
    /// <summary>A leader that cannot renew for so long leads no more. Longer than a busy machine is silent.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    internal const int AnswerSeconds = 3;

    private readonly PostgresJournal journal;
    private readonly string holder = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim one = new(1);
    private NpgsqlConnection? connection;

    private LeaderLease(PostgresJournal journal) => this.journal = journal;

    /// <param name="root">Whose journal the database is.</param>
    /// <exception cref="InvalidOperationException">The database cannot be used, or is another root's.</exception>
    public static async Task<LeaderLease> OpenAsync(PostgresJournal journal, string root, CancellationToken cancel)
    {
        await journal.CheckAsync(cancel);
        var lease = new LeaderLease(journal);
        string known;
        try
        {
            known = await lease.AskAsync(connection => LeaderTable.EnsureAsync(connection, root, cancel), cancel);
        }
        catch (DatabaseAwayException e)
        {
            await lease.DisposeAsync();
            throw new InvalidOperationException($"The journal in {journal} cannot be used: {e.Message}", e);
        }
        if (known == root)
            return lease;
        await lease.DisposeAsync();
        throw new InvalidOperationException(
            $"The journal in {journal} is that of the experiments in {known}. Give that --root, or {root} a database or a schema (Search Path=...) of its own.");
    }

    /// <param name="url">Where the API of this server is, told to those who ask another one.</param>
    /// <returns>Null: another server leads.</returns>
    /// <exception cref="DatabaseAwayException">The database does not answer.</exception>
    public async Task<Leadership?> TryTakeAsync(Uri url, TimeProvider clock, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var term = await AskAsync(connection => LeaderTable.TakeAsync(connection, holder, url.GetLeftPart(UriPartial.Authority), Turn, cancel), cancel);
        return term is { } mine ? new Leadership(this, mine, clock, began) : null;
    }

    /// <returns>The API of the server that leads; null: none does.</returns>
    /// <exception cref="DatabaseAwayException">The database does not answer.</exception>
    public async Task<Uri?> LookAsync(CancellationToken cancel) =>
        await AskAsync(connection => LeaderTable.LookAsync(connection, cancel), cancel) is { Length: > 0 } url ? new Uri(url) : null;

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        one.Dispose();
    }

    /// <returns>False: another term has begun.</returns>
    /// <exception cref="DatabaseAwayException">The database does not answer.</exception>
    internal Task<bool> RenewAsync(long term, CancellationToken cancel) =>
        AskAsync(connection => LeaderTable.RenewAsync(connection, holder, term, Turn, cancel), cancel);

    /// <exception cref="DatabaseAwayException">The database does not answer.</exception>
    internal Task GiveUpAsync(long term) => AskAsync(
        async connection =>
        {
            await LeaderTable.GiveUpAsync(connection, holder, term, CancellationToken.None);
            return true;
        },
        CancellationToken.None);

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (connection is null)
            {
                connection = new NpgsqlConnection(journal.Alone());
                await connection.OpenAsync(cancel);
            }
            return await ask(connection);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or SocketException or IOException)
        {
            await ForgetAsync();
            throw new DatabaseAwayException(away.Message, away);
        }
        catch
        {
            await ForgetAsync(); // In mid-answer: the next question gets a connection of its own.
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    private async Task ForgetAsync()
    {
        var broken = connection;
        connection = null;
        if (broken is not null)
            await broken.DisposeAsync();
    }
}

/// <summary>The journal's database does not answer. Asked again later it may.</summary>
public sealed class DatabaseAwayException(string message, Exception inner) : Exception(message, inner);
