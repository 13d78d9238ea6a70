using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What users have asked for, with a coordinator whose journal is lost and made anew; with real processes: RebuildTests.</summary>
public sealed class JournalRebuildTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostedCluster cluster = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Should_keep_a_changed_priority_and_the_specs_where_nobody_changed_it()
    {
        await cluster.StartCoordinatorAsync();
        await WithDeskAsync(async (store, desk) =>
        {
            await desk.SubmitAsync(new SpecUpload("first", "small.yaml", SpecTexts.WithGrid("retriever.fusion: [score, early]"), "ann"));
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            ended.CancelAfter(TimeSpan.FromMinutes(1));
            var noting = new StandingWriter(store, cluster.Client, TextWriter.Null).RunAsync(ended.Token);
            await desk.PrioritiseAsync(["first/early"], -2, "bob");
            while (RunStanding.Read(store.RunFolderOf("first/early"))?.Priority != -2)
                await Task.Delay(10, ended.Token);
            await ended.CancelAsync();
            await noting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await cluster.StopCoordinatorAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(cluster.Journal)!, "journal.db*"))
            File.Delete(file);

        var rebuilt = await JournalRebuild.WriteAsync(folder.In("root"), new SqliteJournal(cluster.Journal), Cancel);
        await cluster.StartCoordinatorAsync();
        await WithDeskAsync((_, desk) => desk.QueueAllAsync()); // As a server does when it starts.

        Assert.Equal(["first/early: begins anew, at priority -2", "first/score: begins anew"], rebuilt.Select(run => $"{run}").Order());
        var rows = JsonSerializer.SerializeToElement(rebuilt.Select(run => run.Row), JointFusionJson.File).EnumerateArray(); // jf doctor --rebuild --json
        Assert.Equal([("first/early", "-2"), ("first/score", "null")], rows.Select(row => (row.GetProperty("run").GetString(), row.GetProperty("priority").GetRawText())).Order());
        Assert.Equal([("first/early", -2), ("first/score", 0)], (await cluster.Client.Snapshot()).Runs.Select(run => (run.Name, run.Priority)).Order());
    }

    private async Task WithDeskAsync(Func<ServedExperiments, ExperimentDesk, Task> act)
    {
        using var store = new ServedExperiments(folder.In("root"));
        using var desk = new ExperimentDesk(
            store, cluster.Client, new ClusterInfo("1.0", 1, "seed", "first"), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
        await act(store, desk);
    }
}
