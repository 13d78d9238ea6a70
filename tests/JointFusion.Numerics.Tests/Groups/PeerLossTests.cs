using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>How groups end when a peer is gone, wedged or out of step.</summary>
public sealed class PeerLossTests
{
    [Theory]
    [InlineData("local", 2)]
    [InlineData("local", 4)]
    [InlineData("tcp", 2)]
    [InlineData("tcp", 4)]
    [InlineData("shared-memory", 2)]
    [InlineData("shared-memory", 4)]
    [InlineData("nccl", 2)]
    [InlineData("nccl", 4)]
    public void Should_throw_on_all_others_When_a_rank_leaves(string kind, int worldSize)
    {
        var groups = Ranks.Create(kind, worldSize);
        var errors = Ranks.Try(groups, group =>
        {
            group.Barrier();
            if (group.Rank == 1) group.Dispose();
            else group.AllReduce<float>(new float[1_000_000]);
        });
        foreach (var group in groups) group.Dispose();
        Assert.Null(errors[1]);
        Assert.All(errors.Where((_, rank) => rank != 1), error => Assert.IsType<PeerLostException>(error));
        Assert.Contains(errors.OfType<PeerLostException>(), error => error.PeerRank == 1 && error.Message.Contains("all_reduce #", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("local", 3)]
    [InlineData("tcp", 2)]
    [InlineData("tcp", 4)]
    [InlineData("shared-memory", 2)]
    [InlineData("shared-memory", 4)]
    [InlineData("nccl", 2)]
    [InlineData("nccl", 4)]
    public void Should_throw_on_all_When_a_rank_is_aborted_in_the_middle_of_its_collectives(string kind, int worldSize)
    {
        var groups = Ranks.Create(kind, worldSize);
        var rounds = new int[worldSize];
        var body = Enumerable.Range(0, worldSize).Select<int, Action>(rank => () =>
        {
            var buffer = new float[300_000];
            while (true)
            {
                groups[rank].AllReduce<float>(buffer);
                Interlocked.Increment(ref rounds[rank]);
            }
        });
        var errors = Ranks.Try(body.Append(() =>
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref rounds[0]) > 3);
            Ranks.Abort(groups[0], "was told that the run is over");
        }));
        foreach (var group in groups) group.Dispose();
        Assert.Null(errors[worldSize]);
        Assert.All(errors[..worldSize], error => Assert.IsType<PeerLostException>(error));
        Assert.All(kind is "tcp" or "nccl" ? errors[..1] : errors[..worldSize], error =>
            Assert.Contains("Rank 0 was told that the run is over", error!.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ranks.AllKinds), MemberType = typeof(Ranks))]
    public void Should_stay_lost_When_used_again(string kind)
    {
        var groups = Ranks.Create(kind, 2);
        groups[1].Dispose();
        Assert.Throws<PeerLostException>(groups[0].Barrier);
        Assert.Throws<PeerLostException>(() => groups[0].Any(true));
        groups[0].Dispose();
        Assert.Throws<ObjectDisposedException>(groups[0].Barrier);
    }

    [Theory]
    [InlineData("local", 10)]
    [InlineData("tcp", 10)]
    [InlineData("tcp", 500_000)]
    [InlineData("shared-memory", 10)]
    [InlineData("shared-memory", 500_000)]
    [InlineData("nccl", 10)]
    [InlineData("nccl", 500_000)]
    public void Should_name_both_calls_When_ranks_call_different_collectives(string kind, int length)
    {
        var groups = Ranks.Create(kind, 2);
        var errors = Ranks.Try(groups, group =>
        {
            if (group.Rank == 0) group.AllReduce<float>(new float[length]);
            else group.Broadcast(new byte[length], 0);
        });
        foreach (var group in groups) group.Dispose();
        Assert.All(errors, error =>
        {
            var mismatch = Assert.IsType<CollectiveMismatchException>(error);
            Assert.Contains($"all_reduce #", mismatch.Message, StringComparison.Ordinal);
            Assert.Contains($"broadcast #", mismatch.Message, StringComparison.Ordinal);
            Assert.Contains($"{length} bytes from rank 0", mismatch.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Should_name_both_calls_When_both_ranks_send_more_than_the_link_holds()
    {
        var groups = Ranks.Create("tcp", 2);
        var errors = Ranks.Try(groups, group => group.AllReduce<float>(new float[8_000_000 + group.Rank]));
        foreach (var group in groups) group.Dispose();
        Assert.All(errors, error => Assert.Contains("32000004 bytes", Assert.IsType<CollectiveMismatchException>(error).Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ranks.AllKinds), MemberType = typeof(Ranks))]
    public void Should_throw_on_all_When_one_rank_of_three_reduces_another_size(string kind)
    {
        var groups = Ranks.Create(kind, 3);
        var errors = Ranks.Try(groups, group => group.AllReduce<float>(new float[group.Rank == 1 ? 7 : 8]));
        foreach (var group in groups) group.Dispose();
        Assert.True(errors[0] is CollectiveMismatchException or PeerLostException, errors[0]?.ToString());
        Assert.All(errors[1..], error => Assert.IsType<CollectiveMismatchException>(error));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("shared-memory")]
    [InlineData("nccl", 3)]
    public void Should_name_the_peer_and_the_collective_When_a_peer_is_wedged(string kind, int sequence = 2)
    {
        var groups = Ranks.Create(kind, 2, TimeSpan.FromMilliseconds(300));
        var error = Assert.Throws<PeerLostException>(() => groups[0].AllReduce<float>(new float[10]));
        foreach (var group in groups) group.Dispose();
        Assert.Equal(1, error.PeerRank);
        Assert.Contains($"gave nothing for 0.3 s during all_reduce #{sequence} of 40 bytes of float", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("shared-memory")]
    [InlineData("nccl")]
    public void Should_not_wait_for_ever_to_send_When_a_peer_takes_nothing(string kind)
    {
        var groups = Ranks.Create(kind, 2, TimeSpan.FromMilliseconds(300));
        Assert.Throws<PeerLostException>(() => groups[0].Broadcast(new byte[64 << 20], 0));
        foreach (var group in groups) group.Dispose();
    }
}
