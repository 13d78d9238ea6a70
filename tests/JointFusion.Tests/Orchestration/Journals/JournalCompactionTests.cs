using JointFusion.Orchestration;
using Microsoft.Data.Sqlite;
using Xunit;

namespace JointFusion.Tests;

public sealed class JournalCompactionTests
{
    [Fact]
    public async Task Should_follow_the_same_state_from_fewer_events_when_checkpoints_were_replaced()
    {
        await using var cluster = new HostedCluster();
        await cluster.StartCoordinatorAsync();
        await using var host = new ThreadReplicaHost(attempt => attempt.Order.Run == "b" && attempt.Order.Generation == 1
            ? attempt.Train(40, step => { if (step == 33) throw new InvalidDataException("torn"); })
            : attempt.Train(40, _ => { }));
        cluster.StartAgent("member", host);
        foreach (var run in (string[])["a", "b", "c"])
            await cluster.Client.Submit(ClusterFixture.Order(run, 1) with { User = "ann" });
        await cluster.UntilAsync(state => state.Runs.Length == 3 && state.AllRunsTerminal);
        await cluster.Client.Submit(ClusterFixture.Order("waits", 99));
        await cluster.StopCoordinatorAsync();
        var (events, checkpoints) = (Count(cluster.Journal, "1 = 1"), Count(cluster.Journal, Checkpoints));
        await cluster.StartCoordinatorAsync();
        var before = (await cluster.Client.Snapshot()).Runs.Take(3);
        await cluster.StopCoordinatorAsync();
        Assert.True(checkpoints > 3, $"{checkpoints} checkpoints");

        Assert.Equal(0, new SqliteJournal(cluster.Journal).Compact(leastEvents: 100_000, shrink: true));
        var removed = new SqliteJournal(cluster.Journal).Compact(leastEvents: 0, shrink: true);

        Assert.Equal((checkpoints - 3, 3L), (removed, Count(cluster.Journal, Checkpoints)));
        await cluster.StartCoordinatorAsync();
        Assert.Equal(before, (await cluster.Client.Snapshot()).Runs.Take(3));
        await cluster.Client.Cancel(["waits"], "ann"); // Events go on from the last number.
        await cluster.StopCoordinatorAsync();
        await cluster.StartCoordinatorAsync();
        Assert.Equal("cancelled by ann", (await cluster.Client.Snapshot()).Runs[^1].Reason);
        Assert.InRange(Count(cluster.Journal, "1 = 1"), 10, events - removed + 5);
    }

    private const string Checkpoints = "manifest = 'checkpoint-taken'";

    private static long Count(string journal, string where)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = journal, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM journal WHERE {where}";
        return (long)command.ExecuteScalar()!;
    }
}
