using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>From a spec in a request to a folder and queued runs, over a real coordinator that nobody has joined.</summary>
public sealed class ExperimentDeskTests : IAsyncLifetime
{
    private static readonly string Spec = SpecTexts.WithGrid("retriever.fusion: [score, early]");
    private readonly TemporaryFolder folder = new();
    private readonly HostedCluster cluster = new();
    private ServedExperiments store = null!;
    private ExperimentDesk desk = null!;

    private string Root => folder.In("root");

    public async ValueTask InitializeAsync()
    {
        await cluster.StartCoordinatorAsync();
        Open();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await cluster.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Should_make_the_folder_of_jf_run_and_queue_each_run_when_submitted()
    {
        Assert.True(await desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec)));

        var made = new ExperimentFolder(Path.Combine(Root, "first"));
        Assert.Equal(Spec, await File.ReadAllTextAsync(made.Spec, TestContext.Current.CancellationToken));
        Assert.Equal(["first/score", "first/early"], (await cluster.Client.Snapshot()).Runs.Select(run => run.Name));
        Assert.Equal("early", PlanFile.Read(made.Run("early")).Run);
        Assert.Equal(["first", "lock"], Directory.GetFileSystemEntries(Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Should_tell_the_cluster_priority_labels_memory_and_user_when_the_spec_and_its_submitter_do()
    {
        var spec = Spec.Replace("resources: {", "resources: { priority: 5, labels: { gpu: h100 },", StringComparison.Ordinal);
        Assert.NotEqual(Spec, spec);
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", spec, "ann"));

        var orders = ServedExperiment.Open(Path.Combine(Root, "first"))!.Orders;
        Assert.All(orders, order => Assert.Equal((5, "ann", "h100", true), (order.Priority, order.User, order.Labels!["gpu"], order.MemoryBytes > 0)));
        Assert.All((await cluster.Client.Snapshot()).Runs, run => Assert.Contains("with gpu=h100", run.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Should_say_who_in_the_journal_and_in_the_state_when_runs_and_nodes_are_commanded()
    {
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec, "ann"));
        await desk.PauseAsync(["first/early"], "bob");
        await desk.CancelAsync(["first/score"], "eve");
        await desk.DrainAsync("gpu1", drain: true, "dan");

        Assert.Equal("ann", desk.OwnerOf("first"));
        await cluster.StopCoordinatorAsync(); // What is told now comes from the journal alone.
        await cluster.StartCoordinatorAsync();
        var state = await cluster.Client.Snapshot();
        Assert.Equal(
            [("first/score", "ann", "cancelled by eve"), ("first/early", "ann", "paused by bob")],
            state.Runs.Select(run => (run.Name, run.User!, run.Reason!)));
        Assert.Equal(("gpu1", "dan"), (Assert.Single(state.Draining).Node, state.Draining[0].By));
    }

    [Fact]
    public async Task Should_add_runs_and_keep_the_others_when_a_sweep_is_extended()
    {
        var asha = SpecTexts.WithSweep("grid: { seed: [1, 2] }, limits: { device_hours: 1 }");
        var more = SpecTexts.WithSweep("grid: { seed: [1, 2, 3] }, limits: { device_hours: 2 }");
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", asha, "ann"));
        await desk.PauseAsync(["first/seed1"], "ann");

        await desk.ExtendAsync(new SpecUpload("first", "more.yaml", more, "ann"));
        await desk.ExtendAsync(new SpecUpload("first", "more.yaml", more, "ann"));
        await cluster.StopCoordinatorAsync(); // What is told now comes from journal and folder alone.
        await cluster.StartCoordinatorAsync();
        Close();
        Open();
        await desk.QueueAllAsync();

        var state = await cluster.Client.Snapshot();
        Assert.Equal([("first/seed1", true), ("first/seed2", false), ("first/seed3", false)], state.Runs.Select(run => (run.Name, run.Reason == "paused by ann")));
        var sweep = Assert.Single(await desk.SweepsAsync());
        Assert.Equal(("first", 0.0, 2.0, null), (sweep.Name, sweep.UsedHours, sweep.DeviceHours, sweep.Reduction));
        Assert.False(await desk.SubmitAsync(new SpecUpload("first", "more.yaml", more, "ann"))); // It is the spec of the experiment now.
        Assert.Equal("ann", desk.OwnerOf("first"));
    }

    [Fact]
    public async Task Should_refuse_and_change_nothing_when_a_spec_lacks_a_run_or_has_another_science()
    {
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", SpecTexts.WithSweep("grid: { seed: [1, 2] }")));

        var other = SpecTexts.WithSweep("grid: { seed: [1, 3] }", SpecTexts.With("steps: 20", "steps: 30"));
        var refusal = (await Assert.ThrowsAsync<ApiException>(() => desk.ExtendAsync(new SpecUpload("first", "more.yaml", other)))).Problem;

        Assert.Equal(400, refusal.Status);
        Assert.StartsWith("more.yaml: run seed1: stages[0].steps: 20 -> 30. It was begun with another science", refusal.Errors[0], StringComparison.Ordinal);
        Assert.StartsWith("more.yaml: run seed2: the spec has it no more.", refusal.Errors[1], StringComparison.Ordinal);
        Assert.Equal(["seed1", "seed2"], Directory.GetDirectories(Path.Combine(Root, "first", "runs")).Select(Path.GetFileName).Order());
        Assert.Equal(404, (await Assert.ThrowsAsync<ApiException>(() => desk.ExtendAsync(new SpecUpload("second", "more.yaml", other)))).Problem.Status);
    }

    [Fact]
    public async Task Should_do_nothing_twice_when_a_request_is_repeated()
    {
        var uploads = Enumerable.Range(0, 5).Select(_ => desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec)));

        var isNew = await Task.WhenAll(uploads);

        Assert.Equal(1, isNew.Count(value => value));
        Assert.Equal(2, (await cluster.Client.Snapshot()).Runs.Length);
        Assert.Equal("first", Assert.Single(desk.Experiments).Name);
    }

    [Fact]
    public async Task Should_refuse_when_the_name_has_another_spec_or_is_none()
    {
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec));

        var taken = await Refused(new SpecUpload("first", "small.yaml", Spec + "\n# other"));
        Assert.Equal(409, taken.Status);
        foreach (var name in (string[])["../up", "UP", "", ".hidden", "a/b", "lock", "tokens.json", "audit.jsonl.1", new string('a', 101)])
            Assert.Equal((name, 400), (name, (await Refused(new SpecUpload(name, "small.yaml", Spec))).Status));
        Assert.Equal(2, (await cluster.Client.Snapshot()).Runs.Length);
    }

    [Fact]
    public async Task Should_list_every_fault_and_begin_nothing_when_the_spec_is_wrong()
    {
        var bad = SpecTexts.With("preset: nano", "preset: nanoo").Replace("source: icons", "source: mbeir, root: /etc", StringComparison.Ordinal);

        var refusal = await Refused(new SpecUpload("bad", "theirs.yaml", bad));

        Assert.Equal((400, 2), (refusal.Status, refusal.Errors.Length));
        Assert.StartsWith("theirs.yaml:3:", refusal.Errors[0], StringComparison.Ordinal);
        Assert.StartsWith("theirs.yaml:4:", refusal.Errors[1], StringComparison.Ordinal);
        Assert.Empty(desk.Experiments);
        Assert.Equal(["lock"], Directory.GetFileSystemEntries(Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Should_queue_what_was_taken_when_a_server_dies_before_it_queued_it()
    {
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec));
        Directory.CreateDirectory(Path.Combine(Root, ".new-torn", "runs"));
        await cluster.StopCoordinatorAsync();
        File.Delete(cluster.Journal); // As if the folder had been made and no run queued yet.
        await cluster.StartCoordinatorAsync();
        Close();
        Open();

        await desk.QueueAllAsync();

        Assert.Equal(["first/score", "first/early"], (await cluster.Client.Snapshot()).Runs.Select(run => run.Name));
        Assert.False(Directory.Exists(Path.Combine(Root, ".new-torn")));
    }

    [Fact]
    public async Task Should_take_up_what_another_server_began_when_that_leads_no_more_and_the_client_asks_again()
    {
        using var later = new ServedExperiments(Root, isShared: true);
        using var leads = new ExperimentDesk(
            later, cluster.Client, new ClusterInfo("1.0", 2, "seed", "second", 2), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
        await desk.SubmitAsync(new SpecUpload("first", "small.yaml", Spec)); // By a server that did not know.

        Assert.Empty(leads.Experiments);
        Assert.False(await leads.SubmitAsync(new SpecUpload("first", "small.yaml", Spec)));
        Assert.Equal(2, Assert.Single(leads.Experiments).Runs.Length);
        Assert.Equal(2, (await cluster.Client.Snapshot()).Runs.Length);
    }

    [Fact]
    public void Should_refuse_a_second_server_and_leave_folders_of_jf_run_alone()
    {
        Close();
        Directory.CreateDirectory(Path.Combine(Root, "local", "runs"));
        File.WriteAllText(Path.Combine(Root, "local", "experiment.yaml"), Spec);
        File.WriteAllText(Path.Combine(Root, "local", "journal.db"), "");
        Open();

        Assert.Empty(desk.Experiments);
        Assert.Contains("--root", Assert.Throws<BadInputException>(() => new ServedExperiments(Root)).Message, StringComparison.Ordinal);
    }

    private void Open()
    {
        store = new ServedExperiments(Root);
        desk = new ExperimentDesk(
            store, cluster.Client, new ClusterInfo("1.0", 1, "seed", "first"), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
    }

    private void Close()
    {
        desk.Dispose();
        store.Dispose();
    }

    private async Task<ApiProblem> Refused(SpecUpload upload) => (await Assert.ThrowsAsync<ApiException>(() => desk.SubmitAsync(upload))).Problem;
}
