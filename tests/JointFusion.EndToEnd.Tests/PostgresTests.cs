using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A journal in a real PostgreSQL: made smaller under a leader's term, and reached by TLS.</summary>
public sealed class PostgresTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Should_LetGoOfReplacedCheckpointsAndOfNothingElse_When_TheServerThatLeadsCompacts()
    {
        await using var postgres = new PostgresServer();
        postgres.Require();
        await postgres.InitializeAsync();
        var connection = await postgres.DatabaseAsync();
        var journal = PostgresJournal.Parse(connection);
        await using var lease = await LeaderLease.OpenAsync(journal, "/root", Cancel);
        await using var lead = await lease.TryTakeAsync(new Uri("http://localhost"), TimeProvider.System, Cancel);
        Assert.Equal(0, await journal.CompactAsync(0, lead!.Term, Cancel)); // There is no table yet.
        await JournalWriter.BeginAsync(journal, [Submitted("a"), Submitted("b"), Taken("a", 5), Taken("b", 5), Taken("a", 10), new RunStopped("b", Now), Taken("a", 15), Taken("a", 20)], Log(), Cancel);

        Assert.Equal(0, await journal.CompactAsync(9, lead.Term, Cancel)); // It is too short.
        Assert.Equal(0, await journal.CompactAsync(0, lead.Term - 1, Cancel)); // Another leads.
        Assert.Equal(3, await journal.CompactAsync(0, lead.Term, Cancel));

        Assert.Equal(
            ["run-submitted 1", "run-submitted 2", "checkpoint-taken 4", "run-stopped 6", "checkpoint-taken 8"],
            await PostgresServer.ColumnAsync<string>(connection, "SELECT manifest || ' ' || sequence_number FROM journal ORDER BY sequence_number"));
        var replayed = await Assert.ThrowsAsync<InvalidOperationException>(() => JournalWriter.BeginAsync(journal, [Submitted("c")], Log(), Cancel));
        Assert.Contains("it holds events already", replayed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_SpeakTlsAndRefuseAServerOfAnotherAuthority_When_TheConnectionAsksForIt()
    {
        await using var postgres = await PostgresServer.StartWithTlsAsync();
        postgres.Require();
        var database = await postgres.DatabaseAsync();
        var trusted = postgres.ByTls(database, postgres.Authority);
        var foreign = new CertificateFolder(Directory.CreateTempSubdirectory("jf-foreign-").FullName);
        foreign.CreateAuthority(Now);

        await using var lease = await LeaderLease.OpenAsync(PostgresJournal.Parse(trusted), "/root", Cancel);
        await using var lead = await lease.TryTakeAsync(new Uri("http://localhost"), TimeProvider.System, Cancel);
        await JournalWriter.BeginAsync(PostgresJournal.Parse(trusted), [Submitted("a")], Log(), Cancel);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => PostgresJournal.Parse(postgres.ByTls(database, foreign.AuthorityCertificate)).CheckAsync(Cancel));

        Assert.NotNull(lead);
        Assert.Equal(1, (await PostgresServer.ColumnAsync<long>(trusted, "SELECT count(*) FROM journal"))[0]);
        Assert.True((await PostgresServer.ColumnAsync<bool>(trusted, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))[0]);
        Assert.DoesNotContain(postgres.Password, refused.ToString(), StringComparison.Ordinal);
        Directory.Delete(foreign.Path, recursive: true);
    }

    private static RunSubmitted Submitted(string run) => new(run, new RunOrder(run, $"/runs/{run}", 1), Now);

    private static CheckpointTaken Taken(string run, int step) => new(run, 1, step);

    private static string Log() => Path.Combine(TestPaths.NewFolder("postgres"), "journal.log");
}
