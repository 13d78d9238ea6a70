using System.Collections.Immutable;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class TwoWayEstimateTests
{
    [Fact]
    public void Should_equal_the_analysis_of_variance_When_each_concept_has_one_query()
    {
        double[][] values = [[0.3, -0.1, 0.5], [0.1, 0.2, 0.9], [0.0, -0.3, 0.4], [0.6, 0.1, 0.2]];
        var estimate = TwoWayEstimate.Of([Row(["a", "b", "c"], values)]);

        var mean = values.SelectMany(v => v).Average();
        var overSeeds = values.Sum(seed => Math.Pow(seed.Average() - mean, 2)) / 3 / 4;
        var overConcepts = Enumerable.Range(0, 3).Sum(c => Math.Pow(values.Average(seed => seed[c]) - mean, 2)) / 2 / 3;
        var left = values.Sum(seed => Enumerable.Range(0, 3).Sum(c => Math.Pow(seed[c] - seed.Average() - values.Average(s => s[c]) + mean, 2))) / (3 * 2) / 12;
        Assert.Equal(mean, estimate.Value, tolerance: 1e-12);
        Assert.Equal(Math.Sqrt(overSeeds + overConcepts - left), estimate.StandardError, tolerance: 1e-12);
        Assert.Equal((4, 3, 3), (estimate.Seeds, estimate.Concepts, estimate.Queries));
    }

    [Fact]
    public void Should_be_the_paired_t_test_over_seeds_When_concepts_do_not_differ()
    {
        double[] ofSeed = [0.02, 0.05, -0.01, 0.04, 0.03];
        var estimate = TwoWayEstimate.Of([Row(["a", "b"], [.. ofSeed.Select(value => new[] { value, value })])]);

        // Mean 0.026, deviation 0.023022; t = 2.5253 at 4 degrees, whose two-sided p is 0.06503.
        Assert.Equal(0.026, estimate.Value, tolerance: 1e-12);
        Assert.Equal(0.0230217 / Math.Sqrt(5), estimate.StandardError, tolerance: 1e-6);
        Assert.Equal(4, estimate.Degrees, tolerance: 1e-9);
        Assert.Equal(0.06503, estimate.PValue, tolerance: 2e-4);
    }

    [Fact]
    public void Should_count_each_row_once_When_a_group_has_rows_of_unequal_length()
    {
        var estimate = TwoWayEstimate.Of([Row(["a", "b"], [[1, 1], [1, 1]]), Row(["a", "b", "c", "d", "d", "d"], [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])]);
        Assert.Equal((0.5, 0, 8), (estimate.Value, estimate.StandardError, estimate.Queries));
    }

    [Fact]
    public void Should_speak_of_concepts_alone_When_there_is_one_seed()
    {
        var estimate = TwoWayEstimate.Of([Row(["a", "b", "c", "d"], [[1, 0, 0, 1]])]);
        Assert.Equal((1, 4), (estimate.Seeds, estimate.Concepts));
        Assert.Equal(Math.Sqrt(1.0 / 3 / 4), estimate.StandardError, tolerance: 1e-12);
    }

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.02, true)]
    [InlineData(0.05, false)]
    public void Should_be_equivalent_When_the_interval_at_90_lies_within_the_margin(double difference, bool expected) =>
        Assert.Equal(expected, new TwoWayEstimate(difference, 0.005, 1000, 10, 300, 500).IsEquivalent(0.03));

    [Fact]
    public void Should_not_be_equivalent_When_nothing_is_known() => Assert.False(new TwoWayEstimate(0, 0.05, 9, 10, 300, 500).IsEquivalent(0.03));

    // The true mean lies within 95 of 100 intervals, or a few more, whatever makes it vary.
    [Theory]
    [InlineData(10, 0.02, 0.1, 0.4)]
    [InlineData(10, 0.05, 0.0, 0.2)]
    [InlineData(10, 0.0, 0.3, 0.3)]
    [InlineData(3, 0.03, 0.1, 0.4)]
    public void Should_cover_the_truth_in_19_of_20_studies_When_seeds_and_concepts_vary(int seeds, double ofSeeds, double ofConcepts, double left)
    {
        const int studies = 1_000;
        var random = new Random(1);
        var covered = Enumerable.Range(0, studies).Count(_ => Covers(TwoWayEstimate.Of([Draw(random, seeds, 40, ofSeeds, ofConcepts, left)]).Interval));
        Assert.InRange(covered / (double)studies, 0.93, 0.988);
    }

    [Fact]
    public void Should_be_found_by_chance_in_one_of_20_studies_When_nothing_differs()
    {
        var random = new Random(2);
        var found = Enumerable.Range(0, 1_000).Count(_ => TwoWayEstimate.Of([Draw(random, 10, 40, 0.02, 0.1, 0.4)]).PValue < 0.05);
        Assert.InRange(found / 1_000.0, 0.02, 0.07);
    }

    private static bool Covers(ConfidenceInterval interval) => interval.Low <= 0 && interval.High >= 0;

    /// <summary>Differences around zero: what the seed does, what the concept does, and what is left.</summary>
    internal static PairedRow Draw(Random random, int seeds, int concepts, double ofSeeds, double ofConcepts, double left)
    {
        var queries = Enumerable.Range(0, concepts).SelectMany(c => Enumerable.Repeat(c, 1 + (c % 3))).ToArray();
        var common = Enumerable.Range(0, concepts).Select(_ => Normal(random) * ofConcepts).ToArray();
        return Row(
            [.. queries.Select(c => $"c{c}")],
            [.. Enumerable.Range(0, seeds).Select(_ => (Seed: Normal(random) * ofSeeds, Both: Enumerable.Range(0, concepts).Select(_ => Normal(random) * left).ToArray()))
                .Select(drawn => queries.Select(c => drawn.Seed + common[c] + drawn.Both[c]).ToArray())]);
    }

    private static PairedRow Row(string[] concepts, double[][] values) => new([.. concepts], [.. values.Select(seed => seed.ToImmutableArray())]);

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
