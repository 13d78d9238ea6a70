using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What goes from a root of experiments, and what stays whatever is asked.</summary>
public sealed class GarbageCollectorTests : IDisposable
{
    private readonly SavedExperiment saved = new();
    private readonly TemporaryFolder user = new();

    public GarbageCollectorTests()
    {
        foreach (var step in (int[])[10, 20, 30, 40])
            saved.Save(SavedExperiment.Early, step);
        saved.Save(SavedExperiment.Score, 10);
        Write(Path.Combine(Early.Logs, "rank-0.log"), 1000);
        Write(Early.Metrics, 500);
        Write(Path.Combine(Early.Checkpoints, ".tmp-step-000050-1-9f2c41d7", "weights.safetensors"), 300);
        Age(saved.Folder.Path, TimeSpan.FromDays(40));
    }

    private static GarbagePolicy Month => new(TimeSpan.FromDays(30), null, []);

    private RunFolder Early => saved.Folder.Run(SavedExperiment.Early);

    private string Root => Path.GetDirectoryName(saved.Folder.Path)!;

    public void Dispose()
    {
        saved.Dispose();
        user.Dispose();
    }

    [Fact]
    public void Should_leave_the_newest_whole_checkpoint_and_every_result_when_an_experiment_is_old()
    {
        SavedExperiment.Truncate(Early.Checkpoint(40), "weights.safetensors", 10); // Torn: the newest whole one is 30.
        Age(saved.Folder.Path, TimeSpan.FromDays(40));

        var gone = Collect(Month);

        Assert.Equal(["step-000030", "step-000040"], Left(Early));
        Assert.Equal(["step-000010"], Left(saved.Folder.Run(SavedExperiment.Score)));
        Assert.True(File.Exists(Early.Metrics) && File.Exists(Early.Plan) && File.Exists(saved.Folder.Spec));
        Assert.Empty(Directory.GetFiles(Early.Logs));
        Assert.Equal([("checkpoint", 2), ("leftover", 1), ("log", 1)], gone.GroupBy(garbage => garbage.Kind).Select(group => (group.Key, group.Count())).Order());
        Assert.InRange(gone.Sum(garbage => garbage.Bytes), 2 * 6000 + 1300, 2 * 6000 + 1300 + 2 * 2000);
        Assert.Empty(Collect(Month));
    }

    [Fact]
    public void Should_touch_nothing_when_something_was_written_a_moment_ago()
    {
        File.SetLastWriteTimeUtc(Early.Metrics, DateTime.UtcNow); // A run that trains.

        Assert.Empty(Collect(Month with { Quota = 1 }));
        Assert.Equal(4, Left(Early).Count());
    }

    [Fact]
    public void Should_keep_what_a_fork_and_a_shared_stage_rest_on_when_their_runs_may_still_want_it()
    {
        var adaptationEnds = saved.Plan.Stages[0].FirstStep + saved.Plan.Stages[0].Spec.Steps - 1;
        Assert.Equal(20, adaptationEnds);
        Live("forked", saved.Plan with { Fork = new ForkPlan("early", saved.Plan.ScienceHash, 10, "ledger-10"), Stages = [.. saved.Plan.Stages.Select(stage => stage with { LineageHash = $"other {stage.LineageHash}" })] });
        Collect(Month);
        Assert.Equal(["step-000010", "step-000040"], Left(Early));

        saved.Save(SavedExperiment.Early, 20);
        Age(saved.Folder.Path, TimeSpan.FromDays(40));
        Live("sibling", saved.Plan with { ScienceHash = "another evaluation" });
        Collect(Month);
        Assert.Equal(["step-000010", "step-000020", "step-000040"], Left(Early));
    }

    [Fact]
    public void Should_take_the_oldest_first_and_say_what_is_left_when_there_is_a_quota()
    {
        var young = new GarbagePolicy(TimeSpan.FromDays(100), 20_000, []);
        var (kept, above) = Collector.Find(young with { Keep = ["small"] }, DateTime.UtcNow);
        Assert.Empty(kept);
        Assert.True(above > 10_000);

        Assert.Equal(3, Collect(young).Count(garbage => garbage.Kind == "checkpoint"));
        Assert.Equal(0, Collector.Find(young, DateTime.UtcNow).Above);
        Assert.True(Collector.Find(young with { Quota = 1 }, DateTime.UtcNow).Above > 10_000);
    }

    [Fact]
    public void Should_remove_embeddings_that_nobody_used_for_as_long_and_none_in_use()
    {
        Keep("old", 3000, TimeSpan.FromDays(40));
        Keep("read", 3000, TimeSpan.FromDays(40));
        File.SetLastWriteTimeUtc(user.In("cache", "embeddings", "read", "entry.json"), DateTime.UtcNow - TimeSpan.FromDays(2)); // As reading it does.

        var gone = Collect(Month);

        Assert.Equal([(user.In("cache", "embeddings", "old"), 3001)], gone.Where(garbage => garbage.Kind == "embeddings").Select(garbage => (garbage.Path, (int)garbage.Bytes)));
        Assert.Equal(["read"], Embeddings());
    }

    [Fact]
    public void Should_take_embeddings_before_checkpoints_when_both_are_above_the_quota()
    {
        Keep("today", 50_000, TimeSpan.Zero);
        Keep("older", 50_000, TimeSpan.FromDays(3));
        Keep("newer", 50_000, TimeSpan.FromDays(2));
        var young = new GarbagePolicy(TimeSpan.FromDays(100), 150_000, []);

        Assert.Equal(["embeddings"], Collect(young).Select(garbage => garbage.Kind));
        Assert.Equal(["newer", "today"], Embeddings());
        Assert.Equal(4, Left(Early).Count());

        var all = Collector.Find(young with { Quota = 1 }, DateTime.UtcNow);
        Assert.Equal([("checkpoint", 3), ("embeddings", 1), ("leftover", 1), ("log", 1)], all.Garbage.GroupBy(garbage => garbage.Kind).Select(group => (group.Key, group.Count())).Order());
        Assert.InRange(all.Above, 50_000, 80_000); // What is in use today counts, and stays.
    }

    [Fact]
    public void Should_remove_what_was_cut_short_in_cache_and_root_and_old_logs_of_agents()
    {
        foreach (var path in (string[])[user.In("cache", "icons-1.tmp-abc", "x.png"), user.In("state", "agents", "gpu1", "logs", "worker-0.log"), Path.Combine(Root, ".new-torn", "experiment.yaml")])
        {
            Write(path, 10);
            Age(Path.GetDirectoryName(path)!, TimeSpan.FromDays(40));
        }
        Write(user.In("cache", "icons-1", "x.png"), 10);
        Write(user.In("cache", "icons-2.tmp-abc", "x.png"), 10); // At work.
        Write(user.In("state", "agents", "gpu1", "lock"), 0);

        Collect(Month);

        Assert.Equal(["icons-1", "icons-2.tmp-abc"], Directory.GetDirectories(user.In("cache")).Select(Path.GetFileName).Order());
        Assert.Equal([user.In("state", "agents", "gpu1", "lock")], Directory.GetFiles(user.In("state"), "*", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.Combine(Root, ".new-torn")));
    }

    [Fact]
    public async Task Should_say_what_would_go_and_remove_nothing_when_the_run_is_dry()
    {
        using var cli = new CliRun();

        Assert.Equal(0, await cli.Jf("gc", Root, "--dry-run"));
        Assert.Contains($"checkpoint {Sizes.Text(Garbage.SizeOf(new DirectoryInfo(Early.Checkpoint(10)))),9}  {Early.Checkpoint(10)}", cli.Out, StringComparison.Ordinal);
        Assert.Contains("Would free ", cli.Out, StringComparison.Ordinal);
        Assert.Equal(0, await cli.Jf("gc", Root, "--dry-run", "--keep", "small", "--quota", "1kB"));
        Assert.Contains("above the quota", cli.Error, StringComparison.Ordinal);
        Assert.Equal(4, Left(Early).Count());
        Assert.Equal(2, await cli.Jf("gc", Root, "--older-than", "1h"));
        Assert.Equal(2, await cli.Jf("gc", Root, "--quota", "much"));
        Assert.Equal(2, await cli.Jf("gc", "/nowhere"));
    }

    private GarbageCollector Collector => new(Root, new UserGarbage(user.In("cache"), user.In("state")));

    private static IEnumerable<string> Left(RunFolder run) => Directory.GetDirectories(run.Checkpoints, "step-*").Select(path => Path.GetFileName(path)).Order();

    /// <summary>Embeddings of some candidates, last used so long ago.</summary>
    private void Keep(string entry, int bytes, TimeSpan ago)
    {
        Write(user.In("cache", "embeddings", entry, "embeddings.safetensors"), bytes);
        Write(user.In("cache", "embeddings", entry, "entry.json"), 1);
        Age(user.In("cache", "embeddings", entry), ago);
    }

    private IEnumerable<string?> Embeddings() => Directory.GetDirectories(user.In("cache", "embeddings")).Select(Path.GetFileName).Order();

    private List<Garbage> Collect(GarbagePolicy policy)
    {
        var found = Collector.Find(policy, DateTime.UtcNow).Garbage;
        foreach (var garbage in found)
            GarbageCollector.Remove(garbage);
        return [.. found];
    }

    /// <summary>An experiment of today with one run.</summary>
    private void Live(string name, RunPlan plan)
    {
        var folder = new ExperimentFolder(Path.Combine(Root, name));
        Write(folder.Run("late").Plan, 0);
        File.WriteAllText(folder.Run("late").Plan, JsonSerializer.Serialize(plan with { Run = "late" }, JointFusionJson.File));
        File.WriteAllText(folder.Spec, "");
    }

    private static void Write(string path, int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
    }

    private static void Age(string folder, TimeSpan by)
    {
        foreach (var path in Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow - by);
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow - by);
    }
}
