using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What a run's page is told: from the journal that a coordinator writes, and from the run's folder.</summary>
public sealed class RunArchiveTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly HostedCluster cluster = new();
    private ServedExperiments store = null!;
    private ExperimentDesk desk = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await cluster.StartCoordinatorAsync();
        store = new ServedExperiments(folder.In("root"));
        desk = new ExperimentDesk(
            store, cluster.Client, new ClusterInfo("1.0", 1, "seed", "first"), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", SpecTexts.WithGrid("retriever.fusion: [score, early]"), "ann"));
    }

    public async ValueTask DisposeAsync()
    {
        desk.Dispose();
        store.Dispose();
        await cluster.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Should_tell_what_happened_to_that_run_alone_and_who_did_it_when_its_events_are_asked_for()
    {
        await desk.PrioritiseAsync(["first/early"], 5, "bob");
        await desk.PauseAsync(["first/early", "first/score"], "eve");
        await desk.ResumeAsync(["first/early"], "ann");

        var events = await desk.Archive.EventsAsync("first/early", 0, 10, Cancel);

        Assert.Equal(
            [
                ("run-submitted", "Submitted, for 2 workers", "by ann"), ("run-prioritised", "Priority 5", "by bob"),
                ("run-stopped", "Paused", "paused by eve"), ("run-resumed", "Queued again", "resumed by ann"),
            ],
            events.Select(happened => (happened.Kind, happened.Text, happened.Reason)));
        Assert.Equal(events.Select(happened => happened.Number).Distinct().Order(), events.Select(happened => happened.Number));
        Assert.All(events, happened => Assert.InRange(happened.At, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Equal(events.TakeLast(2), await desk.Archive.EventsAsync("first/early", 0, 2, Cancel));
        Assert.Equal(events.TakeLast(1), await desk.Archive.EventsAsync("first/early", events[2].Number, 10, Cancel));
        Assert.Empty(await desk.Archive.EventsAsync("first", 0, 10, Cancel));
    }

    [Fact]
    public void Should_have_words_for_every_event_of_a_run_when_a_journal_may_hold_it()
    {
        foreach (var happened in ProtocolSerializerTests.Examples.OfType<RunEvent>())
            Assert.DoesNotContain(happened.GetType().Name, RunStory.Of(new JournalEntry(1, Samples.Noon, "kind", happened)).Text, StringComparison.Ordinal);
        var broken = RunStory.Of(new JournalEntry(1, Samples.Noon, "attempt-broken", new AttemptBroken("early", 3, new RunFailure(1, ReplicaPhase.Training, FailureKind.Crashed, "killed"), Samples.Noon)));
        Assert.Equal((3, "rank 1, while training, crashed: killed"), (broken.Attempt, broken.Reason));
    }

    [Fact]
    public async Task Should_tell_whole_and_torn_checkpoints_newest_first_when_asked()
    {
        var run = store.FolderOf("first").Run("early");
        SavedCheckpoint.Write(run, PlanFile.Read(run), 12);
        SavedExperiment.Truncate(SavedCheckpoint.Write(run, PlanFile.Read(run), 24), "weights.safetensors", 1000);

        var checkpoints = await desk.Archive.CheckpointsAsync("first", "early");

        Assert.Equal([(24, "instruction", false), (12, "adaptation", true)], checkpoints.Select(checkpoint => (checkpoint.Step, checkpoint.Stage!, checkpoint.Whole)));
        Assert.Contains("weights.safetensors", checkpoints[0].Fault, StringComparison.Ordinal);
        Assert.True(checkpoints[1].Bytes > 6000 && checkpoints[1].Fault is null && checkpoints[1].Ledger == "ledger-12");
        Assert.Empty(await desk.Archive.CheckpointsAsync("first", "score"));
    }

    [Fact]
    public async Task Should_name_both_ends_of_a_fork_by_experiment_when_lineage_is_asked_for()
    {
        var run = store.FolderOf("first").Run("early");
        var plan = PlanFile.Read(run);
        SavedCheckpoint.Write(run, plan, 12);
        await desk.ForkAsync(new RunFork("next", "first", "early", null, "next.yaml", null, "bob"));

        var (source, fork) = (desk.Archive.Lineage("first", "early"), desk.Archive.Lineage("next", "early"));

        Assert.Null(source.Fork);
        Assert.Equal(["next/early"], source.Forks);
        Assert.Equal(new ForkOrigin("first/early", 12, plan.ScienceHash), fork.Fork);
        Assert.NotEqual(source.ScienceHash, fork.ScienceHash);
        Assert.Equal([("adaptation", 1, 20), ("instruction", 21, 40)], source.Stages.Select(stage => (stage.Stage, stage.FirstStep, stage.Steps)));
        Assert.Empty(desk.Archive.Lineage("first", "score").Forks);
    }

    [Fact]
    public async Task Should_name_those_that_share_a_stage_when_a_sweep_trains_it_once()
    {
        await desk.SubmitAsync(new SpecUpload("sweep", "s.yaml", SpecTexts.WithSweep("grid: { 'stages[1].learning_rate': [1.0e-3, 2.0e-3] }")));
        var runs = store.Find("sweep")!.Runs.Select(run => run.Split('/')[1]).ToArray();

        var stages = desk.Archive.Lineage("sweep", runs[0]).Stages;

        Assert.Equal([$"sweep/{runs[1]}"], stages[0].SharedWith);
        Assert.Empty(stages[1].SharedWith);
    }
}
