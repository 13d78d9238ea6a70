using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class TwoLevelBootstrapTests
{
    [Fact]
    public void Should_be_near_the_closed_form_When_seeds_are_many_and_little_is_left()
    {
        PairedRow[] rows = [TwoWayEstimateTests.Draw(new Random(3), seeds: 40, concepts: 80, ofSeeds: 0.1, ofConcepts: 0.3, left: 0.05)];

        var (drawn, closed) = (TwoLevelBootstrap.Of(rows, resamples: 4_000), TwoWayEstimate.Of(rows).Interval);

        var half = (closed.High - closed.Low) / 2;
        Assert.Equal(closed.Value, drawn.Value, tolerance: 1e-12);
        Assert.Equal(closed.Low, drawn.Low, tolerance: 0.12 * half);
        Assert.Equal(closed.High, drawn.High, tolerance: 0.12 * half);
    }

    [Fact]
    public void Should_be_wider_than_over_queries_alone_When_seeds_disagree()
    {
        // All queries of a seed rise together, so that there are as many facts as seeds.
        var concepts = Enumerable.Range(0, 50).Select(c => $"c{c}").ToArray();
        var row = new PairedRow([.. concepts], [.. new[] { 0.2, -0.2, 0.1, -0.1 }.Select(seed => Enumerable.Repeat(seed, 50).ToArray()).Select(values => (System.Collections.Immutable.ImmutableArray<double>)[.. values])]);

        var interval = TwoLevelBootstrap.Of([row]);

        Assert.True(interval.High - interval.Low > 0.2);
        Assert.Equal(0, interval.Value, tolerance: 1e-12);
    }

    [Fact]
    public void Should_give_the_same_interval_When_queries_come_in_another_order()
    {
        var row = TwoWayEstimateTests.Draw(new Random(4), 5, 30, 0.1, 0.3, 0.2);
        var turned = new PairedRow([.. row.Concepts.Reverse()], [.. row.Differences.Select(seed => (System.Collections.Immutable.ImmutableArray<double>)[.. seed.Reverse()])]);

        var (one, other) = (TwoLevelBootstrap.Of([row]), TwoLevelBootstrap.Of([turned]));

        Assert.Equal(one.Low, other.Low, tolerance: 1e-12);
        Assert.Equal(one.High, other.High, tolerance: 1e-12);
    }

    [Fact]
    public void Should_refuse_rows_of_other_seeds_When_they_are_joined()
    {
        var (five, six) = (TwoWayEstimateTests.Draw(new Random(5), 5, 30, 0.1, 0.3, 0.2), TwoWayEstimateTests.Draw(new Random(5), 6, 30, 0.1, 0.3, 0.2));
        Assert.Throws<ArgumentException>(() => TwoLevelBootstrap.Of([five, six]));
    }
}
