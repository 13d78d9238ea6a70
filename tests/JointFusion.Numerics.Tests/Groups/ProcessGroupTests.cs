using System.Diagnostics;
using System.Numerics;
using JointFusion.Data;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>What holds for every kind of group, at several world sizes, below and above the size where the transport changes its ways.</summary>
public sealed class ProcessGroupTests
{
    public static TheoryData<string, int> Worlds()
    {
        var data = new TheoryData<string, int>();
        foreach (var kind in Ranks.Kinds)
            foreach (var worldSize in new[] { 1, 2, 3, 4 }) data.Add(kind, worldSize);
        return data;
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_sum_over_ranks_When_all_reducing(string kind, int worldSize) => Ranks.Run(Ranks.Create(kind, worldSize), group =>
    {
        foreach (var length in new[] { 0, 1, 3, 1_000, 4_097, 1_000_003 })
        {
            CheckSum<float>(group, length);
            CheckSum<double>(group, length);
            CheckSum<long>(group, length);
            CheckSum<int>(group, length);
            CheckSum<Half>(group, length);
            CheckSum<byte>(group, length);
        }
    });

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_place_every_part_When_gathering_uneven_counts(string kind, int worldSize) => Ranks.Run(Ranks.Create(kind, worldSize), group =>
    {
        foreach (var counts in UnevenCounts(worldSize))
        {
            CheckGather<float>(group, counts);
            CheckGather<double>(group, counts);
            CheckGather<long>(group, counts);
            CheckGather<byte>(group, counts);
        }
    });

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_keep_own_part_of_the_sum_When_reduce_scattering_uneven_counts(string kind, int worldSize) =>
        Ranks.Run(Ranks.Create(kind, worldSize), group =>
        {
            foreach (var counts in UnevenCounts(worldSize))
            {
                CheckScatter<float>(group, counts);
                CheckScatter<double>(group, counts);
                CheckScatter<Half>(group, counts);
            }
        });

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_copy_the_roots_bytes_When_broadcasting(string kind, int worldSize) => Ranks.Run(Ranks.Create(kind, worldSize), group =>
    {
        foreach (var length in new[] { 0, 1, 20_000, 3_000_001 })
        {
            for (var root = 0; root < worldSize; root++)
            {
                var buffer = Values<byte>(group.Rank, length);
                group.Broadcast(buffer, root);
                Assert.Equal(Values<byte>(root, length), buffer);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_be_true_everywhere_When_one_rank_says_so(string kind, int worldSize) => Ranks.Run(Ranks.Create(kind, worldSize), group =>
    {
        Assert.False(group.Any(false));
        for (var rank = 0; rank < worldSize; rank++) Assert.True(group.Any(rank == group.Rank));
        Assert.False(group.Any(false));
    });

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Should_release_nobody_before_all_have_come_When_at_a_barrier(string kind, int worldSize)
    {
        var arrived = 0;
        Ranks.Run(Ranks.Create(kind, worldSize), group =>
        {
            for (var round = 1; round <= 50; round++)
            {
                Interlocked.Increment(ref arrived);
                group.Barrier();
                Assert.InRange(Volatile.Read(ref arrived), round * worldSize, (round + 1) * worldSize - 1);
                group.Barrier();
            }
        });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Should_agree_bitwise_over_ranks_runs_and_kinds_When_rounding_matters(int worldSize) =>
        CheckRepeats(worldSize, [.. Ranks.KindsOfOneSum, .. Ranks.KindsOfOneSum]);

    [Theory]
    [InlineData("local")]
    [InlineData("tcp")]
    [InlineData("shared-memory")]
    public void Should_scatter_the_bits_of_the_all_reduce_When_parts_are_even(string kind) => Ranks.Run(Ranks.Create(kind, 3), group =>
    {
        foreach (var length in new[] { 37, 2_001, 300_007 })
        {
            var (reduced, scattered) = (Rounding(group.Rank, length), Rounding(group.Rank, length));
            var counts = Share.Counts(length, group.WorldSize);
            var own = counts[..group.Rank].Sum();
            group.AllReduce<float>(reduced);
            group.ReduceScatter<float>(scattered, scattered.AsSpan(own, counts[group.Rank]), counts);
            Assert.Equal(reduced[own..(own + counts[group.Rank])], scattered[own..(own + counts[group.Rank])]);
        }
    });

    [Fact]
    public void Should_agree_bitwise_over_ranks_and_runs_When_NCCL_sums() => CheckRepeats(3, ["nccl", "nccl"]);

    [Theory]
    [MemberData(nameof(Ranks.AllKinds), MemberType = typeof(Ranks))]
    public void Should_not_allocate_When_in_a_steady_state(string kind) => Ranks.Run(Ranks.Create(kind, 2), group =>
    {
        var (large, small, all) = (new float[100_000], new float[10], new float[20]);
        int[] counts = [10, 10];
        var undisturbed = 0;
        for (var round = 0; round < 20; round++)
        {
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            group.AllReduce<float>(large);
            group.AllReduce<float>(small);
            group.AllGather<float>(small, all, counts);
            group.ReduceScatter<float>(all, small, counts);
            group.Broadcast(System.Runtime.InteropServices.MemoryMarshal.AsBytes(large.AsSpan()), 1);
            group.Any(false);
            group.Barrier();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (round < 10 || Stopwatch.GetElapsedTime(start) >= SharedMemoryWait.Checkup) continue; // Where a peer is that late, a rank looks whether its process still is.
            undisturbed++;
            Assert.Equal(0, allocated);
        }
        Assert.InRange(undisturbed, 1, 10);
    });

    [Theory]
    [MemberData(nameof(Ranks.AllKinds), MemberType = typeof(Ranks))]
    public void Should_refuse_counts_that_do_not_fit_When_gathering(string kind) => Ranks.Run(Ranks.Create(kind, 2), group =>
    {
        var local = new float[3];
        Assert.Throws<ArgumentException>(() => group.AllGather<float>(local, new float[6], [3, 3, 0]));
        Assert.Throws<ArgumentException>(() => group.AllGather<float>(local, new float[7], [3, 3]));
        Assert.Throws<ArgumentException>(() => group.AllGather<float>(local, new float[6], [2, 4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => group.Broadcast(new byte[1], 2));
        group.Barrier();
    });

    private static void CheckRepeats(int worldSize, string[] kinds)
    {
        foreach (var length in new[] { 37, 2_001, 300_007 })
        {
            var results = new List<float[]>();
            foreach (var kind in kinds)
            {
                Ranks.Run(Ranks.Create(kind, worldSize), group =>
                {
                    var buffer = Rounding(group.Rank, length);
                    group.AllReduce<float>(buffer);
                    lock (results) results.Add(buffer);
                });
            }
            Assert.Equal(kinds.Length * worldSize, results.Count);
            Assert.All(results, result => Assert.Equal(results[0], result));
        }
    }

    private static void CheckSum<T>(IProcessGroup group, int length) where T : unmanaged, INumber<T>
    {
        var buffer = Values<T>(group.Rank, length);
        group.AllReduce<T>(buffer);
        Assert.Equal(Sum<T>(group.WorldSize, length), buffer);
    }

    private static void CheckGather<T>(IProcessGroup group, int[] counts) where T : unmanaged, INumber<T>
    {
        var all = new T[counts.Sum()];
        group.AllGather<T>(Values<T>(group.Rank, counts[group.Rank]), all, counts);
        Assert.Equal(counts.SelectMany((count, rank) => Values<T>(rank, count)), all);
        var inPlace = new T[all.Length];
        var own = inPlace.AsSpan(counts[..group.Rank].Sum(), counts[group.Rank]);
        Values<T>(group.Rank, own.Length).CopyTo(own);
        group.AllGather<T>(own, inPlace, counts);
        Assert.Equal(all, inPlace);
    }

    private static void CheckScatter<T>(IProcessGroup group, int[] counts) where T : unmanaged, INumber<T>
    {
        var start = counts[..group.Rank].Sum();
        var local = new T[counts[group.Rank]];
        group.ReduceScatter(Values<T>(group.Rank, counts.Sum()).AsSpan(), local, counts);
        Assert.Equal(Sum<T>(group.WorldSize, counts.Sum())[start..(start + local.Length)], local);
        var inPlace = Values<T>(group.Rank, counts.Sum());
        group.ReduceScatter(inPlace, inPlace.AsSpan(start, local.Length), counts);
        Assert.Equal(local, inPlace[start..(start + local.Length)]);
    }

    /// <summary>Small whole numbers, so that sums are exact in any order.</summary>
    private static T[] Values<T>(int rank, int length) where T : INumber<T> =>
        [.. Enumerable.Range(0, length).Select(i => T.CreateTruncating((i * 7 + rank * 31) % 101))];

    private static float[] Rounding(int rank, int length)
    {
        var random = new Random(rank);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-6, 7)))];
    }

    private static T[] Sum<T>(int worldSize, int length) where T : INumber<T>
    {
        var sum = new T[length];
        for (var rank = 0; rank < worldSize; rank++)
        {
            var values = Values<T>(rank, length);
            for (var i = 0; i < length; i++) sum[i] += values[i];
        }
        return sum;
    }

    private static IEnumerable<int[]> UnevenCounts(int worldSize)
    {
        foreach (var scale in new[] { 0, 1, 5, 60_000 })
            yield return [.. Enumerable.Range(0, worldSize).Select(rank => scale * ((rank * 3 + 1) % 4))];
        yield return [.. Enumerable.Range(0, worldSize).Select(rank => rank == worldSize - 1 ? 0 : 11)];
    }
}
