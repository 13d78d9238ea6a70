using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ClusteredBootstrapTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.2)]
    public void Should_be_near_the_normal_interval_when_each_query_is_its_own_concept(double share)
    {
        const int queries = 1_000;
        var found = Enumerable.Range(0, queries).Select(query => query < share * queries ? 1.0 : 0).ToArray();

        var interval = Bootstrap(queries, queriesPerConcept: 1, resamples: 4_000).Mean(found);

        var halfWidth = 1.96 * Math.Sqrt(share * (1 - share) / queries);
        Assert.Equal(share, interval.Value, precision: 12);
        Assert.Equal(share - halfWidth, interval.Low, tolerance: 0.1 * halfWidth);
        Assert.Equal(share + halfWidth, interval.High, tolerance: 0.1 * halfWidth);
    }

    [Fact]
    public void Should_widen_by_the_root_of_the_cluster_size_when_queries_of_a_concept_agree()
    {
        // 1,000 queries about 100 concepts that are wholly found or wholly missed hold what 100 queries hold.
        var found = Enumerable.Range(0, 1_000).Select(query => query / 10 % 2 == 0 ? 1.0 : 0).ToArray();

        var interval = Bootstrap(1_000, queriesPerConcept: 10, resamples: 4_000).Mean(found);

        Assert.Equal(2 * 1.96 * Math.Sqrt(0.25 / 100), interval.High - interval.Low, tolerance: 0.02);
    }

    [Fact]
    public void Should_weigh_concepts_by_their_queries_when_sizes_differ()
    {
        var bootstrap = new ClusteredBootstrap(["a", "a", "a", "b"], seed: 1);

        var interval = bootstrap.Mean([1, 1, 1, 0]);

        // The resamples of two concepts are aa, ab, ba and bb: means 1, 3/4, 3/4 and 0.
        Assert.Equal((0.75, 0.0, 1.0), (interval.Value, interval.Low, interval.High));
    }

    [Fact]
    public void Should_be_exactly_zero_when_a_run_is_compared_with_itself()
    {
        double[] values = [0.1, 0.7, 0.3, 1, 0, 0.9];

        var interval = Bootstrap(6, queriesPerConcept: 2).Difference(values, values);

        Assert.Equal(new ConfidenceInterval(0, 0, 0), interval);
    }

    [Fact]
    public void Should_be_narrower_than_unpaired_when_two_runs_find_nearly_the_same()
    {
        var left = Enumerable.Range(0, 1_000).Select(query => query % 2 == 0 ? 1.0 : 0).ToArray();
        var right = left.Select((value, query) => query % 50 == 0 ? 0 : value).ToArray();
        var bootstrap = Bootstrap(1_000, queriesPerConcept: 1);

        var difference = bootstrap.Difference(left, right);

        Assert.Equal(0.02, difference.Value, precision: 12);
        Assert.True(difference.Low > 0);
        Assert.True(difference.High - difference.Low < (bootstrap.Mean(left).High - bootstrap.Mean(left).Low) / 2);
    }

    [Fact]
    public void Should_repeat_when_the_seed_does_and_change_when_it_does_not()
    {
        var values = Enumerable.Range(0, 300).Select(query => Math.Sin(query)).ToArray();

        var first = Bootstrap(300, queriesPerConcept: 3, seed: 5).Mean(values);

        Assert.Equal(first, Bootstrap(300, queriesPerConcept: 3, seed: 5).Mean(values));
        Assert.NotEqual(first, Bootstrap(300, queriesPerConcept: 3, seed: 6).Mean(values));
    }

    [Fact]
    public void Should_not_depend_on_the_order_when_the_queries_are_shuffled()
    {
        string[] concepts = [.. Enumerable.Range(0, 60).Select(query => $"concept {query / 4}")];
        double[] values = [.. Enumerable.Range(0, 60).Select(query => (double)(query * query % 11))]; // Whole, so that sums are exact.

        var forward = new ClusteredBootstrap(concepts, seed: 3).Mean(values);
        var backward = new ClusteredBootstrap([.. concepts.Reverse()], seed: 3).Mean([.. values.Reverse()]);

        Assert.Equal(forward, backward);
    }

    [Fact]
    public void Should_refuse_when_the_values_do_not_belong_to_the_queries()
    {
        var bootstrap = Bootstrap(4, queriesPerConcept: 2);

        Assert.Throws<ArgumentException>(() => bootstrap.Mean([1, 0, 1]));
        Assert.Throws<ArgumentException>(() => bootstrap.Difference([1, 0, 1, 1], [1, 0]));
        Assert.Throws<ArgumentException>(() => new ClusteredBootstrap([], seed: 1));
    }

    private static ClusteredBootstrap Bootstrap(int queries, int queriesPerConcept, int seed = 1, int resamples = ClusteredBootstrap.DefaultResamples) =>
        new([.. Enumerable.Range(0, queries).Select(query => $"concept {query / queriesPerConcept}")], seed, resamples);
}
