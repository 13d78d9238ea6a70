using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly CheckpointRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void Should_keep_the_newest_the_best_of_each_stage_and_each_nth_When_asked_to()
    {
        using var run = new CheckpointRun();
        using (var store = run.Store(new CheckpointSpec { EverySteps = 1, Keep = 2, KeepBest = 1, KeepEvery = 5 }))
        {
            double[] losses = [9, 3, 4, 5, 6, 8, 7, 7, 8, 9];
            for (var step = 1; step <= losses.Length; step++)
                CheckpointRun.SaveOne(store, step, step, step <= 5 ? "adaptation" : "instruction", losses[step - 1]);
        }

        // 2 and 8 are the best of their stages (of equal ones the newer), 5 and 10 fifths, 9 and 10 the newest.
        Assert.Equal([2, 5, 8, 9, 10], run.Catalog.List().Where(entry => entry.IsWhole).Select(entry => entry.Step).Order());
        Assert.Equal(3, run.Catalog.List().Single(entry => entry.Step == 2).Manifest!.Loss);
        Assert.Empty(run.Failed);
    }

    [Fact]
    public void Should_give_back_every_bit_and_the_manifest_When_loaded()
    {
        using var scope = NewDisposeScope();
        NamedTensor[] weights = [new("w", randn(3, 5)), new("transposed", randn(4, 6).t()), new("half", randn(7).to(ScalarType.BFloat16))];
        NamedTensor[] optimizer = [new("m", randn(3, 5, ScalarType.Float64)), new("steps", tensor(9L)), new("rng", arange(16, ScalarType.Byte))];
        using (var store = run.Store(generation: 3))
        {
            store.Save(new CheckpointState(60, "instruction", "abc", weights, optimizer));
            store.Flush();
        }
        using var loaded = run.Catalog.Load(60, "science");
        Assert.Equal(run.Written.Single().Files.AsEnumerable(), loaded.Manifest.Files);
        Assert.Equal((60, "instruction", "abc", 3, 2, "plan"), (loaded.Manifest.Step, loaded.Manifest.Stage, loaded.Manifest.Ledger,
            loaded.Manifest.Generation, loaded.Manifest.WorldSize, loaded.Manifest.PlanHash));
        AssertSame(weights, loaded.Weights);
        AssertSame(optimizer, loaded.Optimizer);
        var weightsFile = Path.Combine(run.Folder.Checkpoint(60), "weights.safetensors");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weightsFile))), loaded.Manifest.Files[0].Sha256);
    }

    [Fact]
    public void Should_save_the_values_of_the_call_When_tensors_change_right_after()
    {
        using var scope = NewDisposeScope();
        var weight = ones(1_000_000);
        using (var store = run.Store())
        {
            store.Save(new CheckpointState(1, "s", "l", [new("weight", weight)], []));
            weight.fill_(2);
        }
        Assert.Equal(1f, run.Value(1));
    }

    [Fact]
    public void Should_keep_the_newest_the_pinned_and_its_successor_When_retiring()
    {
        var store = run.Store(keep: 2);
        CheckpointRun.SaveOne(store, 10, 10);
        store.Pin(10);
        run.Save(store, 20, 30, 40, 50);
        Assert.Equal([".generation-000001", "step-000010", "step-000020", "step-000040", "step-000050"], run.Names());
        Assert.Equal([10, 20, 30, 40, 50], run.Written.Select(manifest => manifest.Step));
    }

    [Fact]
    public void Should_let_the_pinned_one_go_When_another_is_named()
    {
        var store = run.Store(keep: 2);
        CheckpointRun.SaveOne(store, 10, 10);
        store.Pin(10);
        foreach (var step in (int[])[20, 30, 40]) CheckpointRun.SaveOne(store, step, step);
        store.Flush();
        store.Pin(40);
        run.Save(store, 50, 60);
        Assert.Equal(["step-000040", "step-000050", "step-000060"], run.Names().Where(name => name[0] == 's'));
    }

    [Fact]
    public void Should_never_count_a_torn_one_as_kept_When_retiring()
    {
        run.Save(run.Store(keep: 2), 10, 20, 30);
        File.Delete(Path.Combine(run.Folder.Checkpoint(30), "manifest.json"));
        run.Save(run.Store(generation: 2, keep: 2), 40);
        Assert.Equal([".generation-000001", ".generation-000002", "step-000020", "step-000030", "step-000040"], run.Names());
    }

    [Fact]
    public void Should_not_count_an_abandoned_future_When_a_newer_generation_starts_before_it()
    {
        run.Save(run.Store(keep: 2), 10, 20, 30);
        run.Save(run.Store(generation: 2, keep: 2), 12, 14);
        Assert.Equal(["step-000012", "step-000014", "step-000020", "step-000030"], run.Names().Where(name => name[0] == 's'));
    }

    [Fact]
    public void Should_replace_the_step_of_an_older_generation_When_it_is_done_again()
    {
        run.Save(run.Store(), 10);
        using (var store = run.Store(generation: 2)) CheckpointRun.SaveOne(store, 10, 77);
        Assert.Equal(77, run.Value(10));
        Assert.Equal([".generation-000001", ".generation-000002", "step-000010"], run.Names());
    }

    [Fact]
    public void Should_leave_all_alone_When_a_newer_generation_has_moved_in()
    {
        var stale = run.Store(generation: 1);
        CheckpointRun.SaveOne(stale, 10, 10);
        stale.Flush();
        var current = run.Store(generation: 2);
        CheckpointRun.SaveOne(stale, 20, 20);
        var error = Assert.Throws<CheckpointException>(stale.Flush);
        Assert.Contains("belongs to generation 2", error.Message, StringComparison.Ordinal);
        stale.Dispose();
        run.Save(current, 30);
        Assert.Equal([10, 30], run.Catalog.List().Select(entry => entry.Step).Order());
        Assert.Throws<CheckpointException>(() => run.Store(generation: 1));
    }

    [Fact]
    public void Should_report_and_go_on_When_the_disk_is_full()
    {
        run.Save(run.Store(), 10);
        var disk = new FaultyDisk(failsAt: 5, killed: false); // claim, sync, make the folder, then the weights and the optimizer
        var store = run.Store(generation: 2, disk: disk);
        CheckpointRun.SaveOne(store, 20, 20);
        var error = Assert.Throws<CheckpointException>(store.Flush);
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Equal(20, Assert.Single(run.Failed).Step);
        Assert.Equal([".generation-000001", ".generation-000002", "step-000010"], run.Names());
        CheckpointRun.SaveOne(store, 30, 30);
        store.Flush();
        store.Dispose();
        Assert.Equal([30f, 10f], run.Catalog.List().Select(entry => run.Value(entry.Step)));
    }

    [Fact]
    public void Should_refuse_When_the_science_differs()
    {
        run.Save(run.Store(), 10);
        var error = Assert.Throws<CheckpointException>(() => run.Catalog.Load(10, "another"));
        Assert.Contains("science hash science, the plan's is another", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_wait_for_the_write_before_When_saving_again()
    {
        var disk = new SlowDisk();
        using var store = run.Store(disk: disk);
        CheckpointRun.SaveOne(store, 10, 10);
        disk.Reached.Wait(Ranks.Patience, TestContext.Current.CancellationToken);
        var second = new Thread(() => CheckpointRun.SaveOne(store, 20, 20));
        second.Start();
        Assert.False(second.Join(TimeSpan.FromMilliseconds(100)));
        disk.Open.Set();
        Assert.True(second.Join(Ranks.Patience));
        store.Flush();
        Assert.Equal([10, 20], run.Written.Select(manifest => manifest.Step));
    }

    private static void AssertSame(NamedTensor[] expected, SafetensorsReader actual)
    {
        Assert.Equal(expected.Length, actual.Tensors.Length);
        foreach (var (name, tensor) in expected) Assert.Equal(tensor.contiguous().bytes.ToArray(), actual.Read(name).bytes.ToArray());
    }

    /// <summary>Stops the writer before its first file until it is let go.</summary>
    private sealed class SlowDisk : IDisk
    {
        private readonly PhysicalDisk disk = new();

        public ManualResetEventSlim Reached { get; } = new();
        public ManualResetEventSlim Open { get; } = new();

        public void CreateDirectory(string path) => disk.CreateDirectory(path);
        public void SyncFile(string path) => disk.SyncFile(path);
        public void SyncDirectory(string path) => disk.SyncDirectory(path);
        public void MoveDirectory(string from, string to) => disk.MoveDirectory(from, to);
        public void DeleteDirectory(string path) => disk.DeleteDirectory(path);
        public long FreeBytes(string path) => disk.FreeBytes(path);

        public void WriteFile(string path, Action<Stream> write)
        {
            if (path.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                Reached.Set();
                Open.Wait(Ranks.Patience);
            }
            disk.WriteFile(path, write);
        }
    }
}
