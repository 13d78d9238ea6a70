using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A server's run, begun again at one of its checkpoints: as it was, with another spec, or refused.</summary>
public sealed class ForkRequestTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly HostedCluster cluster = new();
    private ServedExperiments store = null!;
    private ExperimentDesk desk = null!;
    private RunPlan source = null!;

    private string Root => folder.In("root");

    private RunFolder Source => store.FolderOf("first").Run("early");

    public async ValueTask InitializeAsync()
    {
        await cluster.StartCoordinatorAsync();
        Open();
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", SpecTexts.WithGrid("retriever.fusion: [score, early]"), "ann"));
        source = PlanFile.Read(Source);
        SavedCheckpoint.Write(Source, source, 12);
        SavedCheckpoint.Write(Source, source, 24);
    }

    public async ValueTask DisposeAsync()
    {
        desk.Dispose();
        store.Dispose();
        await cluster.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData(null, 24)]
    [InlineData(12, 12)]
    public async Task Should_queue_that_run_alone_from_the_checkpoint_when_nothing_is_changed(int? checkpoint, int step)
    {
        Assert.True(await desk.ForkAsync(Fork(checkpoint)));

        var made = store.Find("next")!;
        Assert.Equal(["next/early"], made.Runs);
        Assert.Equal((step, "bob"), (made.Orders[0].StartsAt, made.Orders[0].User));
        Assert.True(File.Exists(Path.Combine(made.Folder.Run("early").Checkpoint(step), "weights.safetensors")));
        var plan = PlanFile.Read(made.Folder.Run("early"));
        Assert.Equal(new ForkPlan("early", source.ScienceHash, step, $"ledger-{step}"), plan.Fork);
        var queued = (await cluster.Client.Snapshot()).Runs.Single(run => run.Name == "next/early");
        Assert.Equal((step, "bob"), (queued.Checkpoint, queued.User));
        Assert.Equal(["score", "early"], (await cluster.Client.Snapshot()).Runs.Where(run => run.Name.StartsWith("first/", StringComparison.Ordinal)).Select(run => run.Name[6..]));
    }

    [Fact]
    public async Task Should_do_it_once_when_it_is_asked_twice_and_after_another_server_has_started()
    {
        Assert.True(await desk.ForkAsync(Fork(null)));
        SavedCheckpoint.Write(Source, source, 36); // The run goes on meanwhile: the fork is the same.

        Assert.False(await desk.ForkAsync(Fork(null)));
        Assert.False(await desk.ForkAsync(Fork(24)));
        Assert.Equal(409, (await Refused(Fork(12))).Status);
        desk.Dispose();
        store.Dispose();
        Open();
        await desk.QueueAllAsync();

        Assert.False(await desk.ForkAsync(Fork(24)));
        Assert.Equal(24, store.Find("next")!.Orders[0].StartsAt);
        Assert.Equal(409, (await Assert.ThrowsAsync<ApiException>(() => desk.SubmitAsync(new SpecUpload("next", "small.yaml", SpecTexts.WithGrid("retriever.fusion: [score, early]"))))).Problem.Status);
        Assert.Equal(409, (await Refused(Fork(24) with { Name = "first" })).Status);
    }

    [Fact]
    public async Task Should_take_what_comes_afterwards_and_refuse_by_key_what_cannot_take_effect_when_a_spec_is_given()
    {
        var longer = SpecTexts.With("steps: 40", "steps: 50");
        Assert.True(await desk.ForkAsync(Fork(24) with { Yaml = longer, File = "longer.yaml" }));
        Assert.Equal(50, PlanFile.Read(store.FolderOf("next").Run("early")).Stages[1].Spec.Steps);

        var refusal = await Refused(Fork(24) with { Name = "other", Yaml = SpecTexts.With("preset: nano", "preset: tiny"), File = "tiny.yaml" });

        Assert.Equal(400, refusal.Status);
        Assert.StartsWith("tiny.yaml: forked from first/early: run early: retriever.preset: nano -> tiny: the checkpoint's weights do not fit", Assert.Single(refusal.Errors), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Root, "other")));
    }

    [Fact]
    public async Task Should_refuse_and_leave_nothing_when_there_is_no_such_checkpoint_or_it_is_torn()
    {
        SavedExperiment.Flip(Source.Checkpoint(12), "weights.safetensors");

        Assert.Equal(404, (await Refused(Fork(13))).Status);
        Assert.Equal(404, (await Refused(Fork(null) with { Run = "late" })).Status);
        Assert.Contains("weights.safetensors", Assert.Single((await Refused(Fork(12))).Errors), StringComparison.Ordinal);
        Assert.Equal(400, (await Refused(Fork(null) with { Run = "score" })).Status); // It has none.
        Assert.Equal(["first", "lock"], Directory.GetFileSystemEntries(Root).Select(Path.GetFileName).Order());
    }

    private static RunFork Fork(int? checkpoint) => new("next", "first", "early", checkpoint, "next.yaml", null, "bob");

    private async Task<ApiProblem> Refused(RunFork fork) => (await Assert.ThrowsAsync<ApiException>(() => desk.ForkAsync(fork))).Problem;

    private void Open()
    {
        store = new ServedExperiments(Root);
        desk = new ExperimentDesk(
            store, cluster.Client, new ClusterInfo("1.0", 1, "seed", "first"), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
    }
}
