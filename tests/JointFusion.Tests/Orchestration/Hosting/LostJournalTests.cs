using JointFusion.Orchestration;
using Microsoft.Data.Sqlite;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A journal that refuses writes for a while, as on a full disk.</summary>
public sealed class LostJournalTests : IAsyncLifetime
{
    private readonly HostedCluster cluster = new();

    public async ValueTask InitializeAsync() => await cluster.StartCoordinatorAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_say_why_and_come_back_by_itself_when_the_journal_refuses_for_a_while()
    {
        using var refusedOnce = new ManualResetEventSlim();
        var host = new ThreadReplicaHost(attempt => attempt.Train(10, step =>
        {
            if (step == 6)
                refusedOnce.Wait(TestContext.Current.CancellationToken);
        }));
        cluster.StartAgent("a", host);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        await cluster.UntilAsync(now => now.Runs[0].Checkpoint == 5);

        Execute("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        var away = await Assert.ThrowsAsync<CoordinatorAwayException>(() => cluster.Client.Submit(ClusterFixture.Order("late", 1)));
        Assert.Contains("database or disk is full", away.Message, StringComparison.Ordinal);
        refusedOnce.Set();
        Execute("DROP TRIGGER full");

        await SubmitAsync("late");
        var end = await cluster.UntilAsync(now => now.Runs.Length == 2 && now.AllRunsTerminal);
        Assert.All(end.Runs, run => Assert.Equal((RunState.Succeeded, 1, 10), (run.State, run.Generation, run.Checkpoint)));
        Assert.Equal(1, host.Started);
    }

    /// <summary>As a client does that was told to try again.</summary>
    private async Task SubmitAsync(string run)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await cluster.Client.Submit(ClusterFixture.Order(run, 1));
                return;
            }
            catch (CoordinatorAwayException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={cluster.Journal};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
