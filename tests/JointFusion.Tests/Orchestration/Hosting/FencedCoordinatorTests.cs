using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Two coordinators over one journal, each of which believes that it leads: one history comes of it, and it is the later one's.</summary>
public sealed class FencedCoordinatorTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-fence-");
    private readonly PrivateAuthority authority = PrivateAuthority.Create(DateTimeOffset.UtcNow);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Should_be_refused_by_the_journal_when_another_has_begun_a_term()
    {
        await using var first = await StartAsync(1);
        await first.Client.Submit(ClusterFixture.Order("before", 1));
        await using var second = await StartAsync(2);

        var refused = await Assert.ThrowsAsync<CoordinatorAwayException>(() => first.Client.Submit(ClusterFixture.Order("stale", 1)));
        await second.Client.Submit(ClusterFixture.Order("after", 1));
        var deposed = await RefusalAsync(first, "Another server has led since (term 2, after 1 of this one)");
        Assert.Contains("UNIQUE constraint failed: journal.persistence_id, journal.sequence_number", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(deposed);
        Assert.Equal(["before", "after"], (await second.Client.Snapshot()).Runs.Select(run => run.Name));

        await using var third = await StartAsync(3);
        Assert.Equal(["before", "after"], (await third.Client.Snapshot()).Runs.Select(run => run.Name));
    }

    [Fact]
    public async Task Should_not_begin_when_its_term_is_older_than_the_journals()
    {
        await using (await StartAsync(5))
        {
        }

        var refused = await Assert.ThrowsAsync<CoordinatorAwayException>(() => StartAsync(4));

        Assert.Contains("Another server has led since (term 5, after 4 of this one)", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(CoordinatorHost host, string words)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var refused = await Assert.ThrowsAsync<CoordinatorAwayException>(() => host.Client.Submit(ClusterFixture.Order("stale", 1)));
            if (refused.Message.Contains(words, StringComparison.Ordinal))
                return refused.Message;
            await Task.Delay(20, limit.Token);
        }
    }

    private Task<CoordinatorHost> StartAsync(long term) => CoordinatorHost.StartAsync(
        new CoordinatorOptions
        {
            Journal = new SqliteJournal(Path.Combine(folder.FullName, "journal.db")),
            Term = term,
            SecretKey = Path.Combine(folder.FullName, "attempts.key"),
            Log = Path.Combine(folder.FullName, $"coordinator-{term}.log"),
            Identity = authority.Issue("coordinator", ["127.0.0.1"], DateTimeOffset.UtcNow),
            Settings = ClusterFixture.Fast,
        },
        Cancel);
}
