using System.Diagnostics;
using System.IO.Pipes;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Who gets into a shared memory, what becomes of those who die in it, and that nothing is left of it.</summary>
public sealed class SharedMemoryFormationTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-shm-");

    [Fact]
    public void Should_leave_no_file_behind_even_while_in_use_When_proc_shows_open_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's /proc");
        var doors = Doors(2);
        Assert.Empty(folder.GetFiles());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(doors[0].Endpoint));
        var errors = Ranks.Try(All(doors, group => group.AllReduce<float>(new float[100_000])));
        Assert.All(errors, Assert.Null);
        Assert.Empty(folder.GetFiles());
    }

    [Fact]
    public void Should_name_the_missing_rank_When_it_does_not_join_in_time()
    {
        var doors = Doors(2);
        var error = Assert.Throws<PeerLostException>(() => SharedMemoryProcessGroup.Connect(
            doors[0], Ranks.Assignment(doors, 0), Short, null, TestContext.Current.CancellationToken));
        Assert.Equal(1, error.PeerRank);
        Assert.Equal($"rank 1 (process {Environment.ProcessId}) did not join within 0.4 s.", error.Message);
    }

    [Fact]
    public void Should_name_rank_0_When_its_memory_is_gone()
    {
        var doors = Doors(2);
        doors[0].Dispose();
        var error = Assert.Throws<PeerLostException>(() => SharedMemoryProcessGroup.Connect(
            doors[1], Ranks.Assignment(doors, 1), Short, null, TestContext.Current.CancellationToken));
        Assert.Equal(0, error.PeerRank);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("generation")]
    [InlineData("run")]
    public void Should_refuse_a_rank_When_it_belongs_elsewhere(string difference)
    {
        var doors = Doors(2);
        var right = Ranks.Assignment(doors, 1);
        var wrong = difference switch
        {
            "secret" => right with { Secret = "another" },
            "generation" => right with { Generation = right.Generation - 1 },
            _ => right with { Run = "another" },
        };
        using var done = new ManualResetEventSlim();
        var errors = Ranks.Try([
            () => Connect(doors[0], Ranks.Assignment(doors, 0)),
            () => Connect(doors[1], wrong, done),
            () =>
            {
                Assert.True(done.Wait(Ranks.Patience));
                Connect(doors[1], right);
            },
        ]);
        Assert.EndsWith(
            "serves another run, generation, world size or secret.", Assert.IsType<PeerLostException>(errors[1]).Message, StringComparison.Ordinal);
        Assert.Null(errors[0]);
        Assert.Null(errors[2]);
    }

    [Fact]
    public void Should_name_rank_0_When_its_endpoint_leads_to_a_pipe_by_now()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's /proc");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var doors = Doors(2);
        var right = Ranks.Assignment(doors, 1);
        var elsewhere = right with
        {
            Endpoints = [$"/proc/{Environment.ProcessId}/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", right.Endpoints[1]],
        };
        var error = Assert.Throws<PeerLostException>(() => Connect(doors[1], elsewhere));
        Assert.Equal(0, error.PeerRank);
    }

    [Fact]
    public void Should_give_up_joining_When_cancelled()
    {
        var doors = Doors(2);
        using var abort = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(
            () => SharedMemoryProcessGroup.Connect(doors[0], Ranks.Assignment(doors, 0), Ranks.Patience, null, abort.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Should_name_the_dead_process_on_all_others_When_one_has_died(bool numberIsInUseAgain)
    {
        var dead = numberIsInUseAgain ? new PeerProcess(Environment.ProcessId, PeerProcess.Current.StartTime + 1) : Ended();
        var doors = Doors(3);
        var errors = Ranks.Try([
            () => SharedMemoryProcessGroup.Connect(doors[0], Ranks.Assignment(doors, 0), Ranks.Patience),
            () => new SharedMemoryFormation(doors[1], Ranks.Assignment(doors, 1), new Deadline(Ranks.Patience), dead).Join(CancellationToken.None),
            () => SharedMemoryProcessGroup.Connect(doors[2], Ranks.Assignment(doors, 2), Ranks.Patience),
        ]);
        Assert.Null(errors[1]);
        foreach (var error in new[] { errors[0], errors[2] }.Select(Assert.IsType<PeerLostException>))
        {
            Assert.Equal(1, error.PeerRank);
            Assert.Contains($"Rank 1 (process {dead.Id}) died", error.Message, StringComparison.Ordinal);
            Assert.Contains("barrier #1", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Should_complete_a_collective_When_a_rank_has_done_its_part_and_left()
    {
        for (var round = 0; round < 20; round++)
        {
            var doors = Doors(3);
            Assert.All(Ranks.Try(All(doors, group => group.AllReduce<float>(new float[200_000]))), Assert.Null);
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private SharedMemoryDoor[] Doors(int worldSize) =>
        [.. Enumerable.Range(0, worldSize).Select(rank => SharedMemoryDoor.Open(rank, worldSize, folder.FullName))];

    private static IEnumerable<Action> All(SharedMemoryDoor[] doors, Action<IProcessGroup> body) => doors.Select<SharedMemoryDoor, Action>((door, rank) => () =>
    {
        using var group = SharedMemoryProcessGroup.Connect(door, Ranks.Assignment(doors, rank), Ranks.Patience);
        body(group);
    });

    private static void Connect(SharedMemoryDoor door, RankAssignment assignment, ManualResetEventSlim? done = null)
    {
        try
        {
            SharedMemoryProcessGroup.Connect(door, assignment, Ranks.Patience).Dispose();
        }
        finally
        {
            done?.Set();
        }
    }

    private static PeerProcess Ended()
    {
        using var child = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return new PeerProcess(child.Id, 1);
    }
}
