using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Whatever is not whole is reported and never read, and the one before is still there.</summary>
public sealed class TornCheckpointTests : IDisposable
{
    private readonly CheckpointRun run = new();

    public void Dispose() => run.Dispose();

    public static TheoryData<string, string> Tears() => new()
    {
        { "truncate weights.safetensors", "has 100 bytes, the manifest says" },
        { "flip weights.safetensors", "has SHA-256" },
        { "flip optimizer.safetensors", "has SHA-256" },
        { "delete optimizer.safetensors", "is missing, though the manifest lists it" },
        { "delete manifest.json", "the checkpoint was never finished" },
        { "truncate manifest.json", "is not a manifest" },
        { "empty manifest.json", "is not a manifest" },
        { "unlist manifest.json", "does not list optimizer.safetensors" },
        { "outside manifest.json", "outside the checkpoint" },
        { "schema manifest.json", "has schema 9" },
        { "step manifest.json", "is of step 19" },
    };

    [Theory]
    [MemberData(nameof(Tears))]
    public void Should_fall_back_to_the_one_before_and_say_why_When_the_newest_is_torn(string tear, string reason)
    {
        run.Save(run.Store(), 10, 20);
        var (how, file) = (tear.Split(' ')[0], Path.Combine(run.Folder.Checkpoint(20), tear.Split(' ')[1]));
        Tear(how, file);

        var torn = new List<CheckpointEntry>();
        Assert.Equal(10, run.Catalog.NewestWhole(null, torn.Add)!.Step);
        Assert.Contains(reason, Assert.Single(torn).Fault!.Message, StringComparison.Ordinal);
        Assert.Equal([false, true], run.Catalog.List().Select(entry => entry.IsWhole));
        Assert.Contains(reason, Assert.Throws<CheckpointException>(() => run.Catalog.Load(20, "science")).Message, StringComparison.Ordinal);
        Assert.Equal(10f, run.Value(10));
    }

    [Fact]
    public void Should_go_on_from_the_first_later_one_When_retention_has_taken_the_known_one()
    {
        using var run = new CheckpointRun();
        run.Save(run.Store(keep: 2), 10, 15, 20, 25);

        Assert.Equal([25, 20], run.Catalog.List().Select(entry => entry.Step));
        Assert.Equal(25, run.Catalog.ToGoOnFrom(known: 25)!.Step);
        Assert.Equal(20, run.Catalog.ToGoOnFrom(known: 20)!.Step);
        Assert.Equal(20, run.Catalog.ToGoOnFrom(known: 10)!.Step);

        File.Delete(Path.Combine(run.Folder.Checkpoint(20), "manifest.json"));
        var torn = new List<int>();
        Assert.Equal(25, run.Catalog.ToGoOnFrom(known: 10, entry => torn.Add(entry.Step))!.Step);
        Assert.Equal([20], torn);
    }

    [Fact]
    public void Should_look_no_further_than_asked_When_newer_ones_exist()
    {
        run.Save(run.Store(keep: 3), 10, 20, 30);
        Assert.Equal(20, run.Catalog.NewestWhole(atMost: 29)!.Step);
        Assert.Null(run.Catalog.NewestWhole(atMost: 9));
        Assert.Null(new CheckpointCatalog(new("/nowhere")).NewestWhole());
        Assert.Throws<CheckpointException>(() => run.Catalog.Load(25, "science"));
    }

    /// <summary>Step 20 exists already, so that replacing is among the operations that are cut short.</summary>
    [Fact]
    public void Should_lose_nothing_that_was_whole_When_killed_at_any_operation()
    {
        var total = OperationsOfASave();
        Assert.True(total > 10, $"only {total} operations");
        for (var killedAt = 1; killedAt <= total; killedAt++)
        {
            using var killed = new CheckpointRun();
            killed.Save(killed.Store(generation: 1), 10, 20);
            var disk = new FaultyDisk(killedAt, killed: true);
            try
            {
                using var store = killed.Store(generation: 2, disk: disk);
                CheckpointRun.SaveOne(store, 20, 77);
            }
            catch (IOException)
            {
                // killed while moving in
            }
            AssertRecovers(killed, killedAt);
        }
    }

    /// <summary>What survives is whole at once, and all of it once the next generation has moved in.</summary>
    private static void AssertRecovers(CheckpointRun killed, int killedAt)
    {
        Assert.All(killed.Catalog.List(), entry => Assert.True(entry.IsWhole, $"killed at {killedAt}: {entry.Fault}"));
        Assert.Equal(10f, killed.Value(10));
        using (var next = killed.Store(generation: 3))
        {
            Assert.Equal([20, 10], next.Catalog.List().Select(entry => entry.Step));
            var value = killed.Value(20);
            Assert.True(value == (killed.Written.Count == 3 ? 77f : value) && value is 20f or 77f, $"killed at {killedAt}: step 20 holds {value}");
            Assert.DoesNotContain(killed.Names(), name => name.Contains("tmp", StringComparison.Ordinal) || name.Contains("old", StringComparison.Ordinal));
            CheckpointRun.SaveOne(next, 30, 30);
            next.Flush();
        }
        Assert.Equal([30, 20], killed.Catalog.List().Select(entry => entry.Step));
    }

    private static int OperationsOfASave()
    {
        using var undisturbed = new CheckpointRun();
        undisturbed.Save(undisturbed.Store(generation: 1), 10, 20);
        var disk = new FaultyDisk(failsAt: int.MaxValue, killed: true);
        undisturbed.Save(undisturbed.Store(generation: 2, disk: disk), 20);
        return disk.Operations;
    }

    private static void Tear(string how, string file)
    {
        var bytes = File.ReadAllBytes(file);
        switch (how)
        {
            case "truncate": File.WriteAllBytes(file, bytes[..100]); break;
            case "empty": File.WriteAllBytes(file, []); break;
            case "delete": File.Delete(file); break;
            case "flip":
                bytes[^5] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case "unlist": Replace("\"optimizer.safetensors\"", "\"manifest.json\""); break;
            case "outside": Replace("\"weights.safetensors\"", "\"../step-000010/weights.safetensors\""); break;
            case "schema": Replace("\"schema\": 1", "\"schema\": 9"); break;
            case "step": Replace("\"step\": 20", "\"step\": 19"); break;
            default: throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }

        void Replace(string text, string by)
        {
            var manifest = File.ReadAllText(file);
            Assert.Contains(text, manifest, StringComparison.Ordinal);
            File.WriteAllText(file, manifest.Replace(text, by, StringComparison.Ordinal));
        }
    }
}
