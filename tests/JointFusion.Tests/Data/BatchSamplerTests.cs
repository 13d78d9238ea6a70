using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class BatchSamplerTests(IconsFixture icons)
{
    private readonly MbeirDataset data = icons.Data;

    [Fact]
    public void Should_give_the_same_batch_When_asked_out_of_order_or_by_another_sampler()
    {
        var (sampler, other) = (Sampler(7), Sampler(7));
        var forward = Enumerable.Range(1, 50).Select(step => sampler.At(step).LedgerEntry).ToList();
        var backward = Enumerable.Range(1, 50).Reverse().Select(step => other.At(step).LedgerEntry).Reverse();
        Assert.Equal(forward, backward);
        Assert.Equal(50, forward.Distinct().Count());
        Assert.All(forward, entry => Assert.Equal(32, entry.Length));
    }

    [Fact]
    public void Should_give_other_batches_When_the_seed_differs() =>
        Assert.NotEqual(Sampler(7).At(1).LedgerEntry, Sampler(8).At(1).LedgerEntry);

    [Fact]
    public void Should_draw_each_query_once_an_epoch_and_cross_its_end_without_a_partial_batch()
    {
        var count = data.Queries("train").Count(query => query.Task == 6);
        var sampler = new BatchSampler(data, 3, [Stage(0, 1, [6], 100, steps: 100)]);
        var drawn = Enumerable.Range(1, 100).Select(sampler.At).SelectMany(batch => batch.Rows).Select(row => row.Query.Id).ToList();
        Assert.Equal(10_000, drawn.Count);
        Assert.NotEqual(0, count % 100);
        Assert.Equal(count, drawn.Take(count).Distinct().Count());
        Assert.Equal(count, drawn.Skip(count).Take(count).Distinct().Count());
        Assert.NotEqual(drawn.Take(count), drawn.Skip(count).Take(count));
    }

    [Fact]
    public void Should_fill_each_sub_batch_from_one_task_and_repeat_nothing_within_an_epoch_When_the_stage_asks_for_sub_batches()
    {
        const int rows = 32, steps = 100;
        var stage = Stage(0, 1, [0, 2, 3, 4, 6, 7, 8], globalBatch: 2 * rows, steps);
        var sampler = new BatchSampler(data, 3, [stage with { Spec = stage.Spec with { SubBatch = rows } }]);
        var drawn = Enumerable.Range(1, steps).SelectMany(step => sampler.At(step).Rows).Select(row => row.Query).ToList();

        Assert.All(drawn.Chunk(rows), subBatch => Assert.Single(subBatch.Select(query => query.Task).Distinct()));
        Assert.Equal(drawn.Count, drawn.Distinct().Count());
        Assert.Equal(7, drawn.Select(query => query.Task).Distinct().Count());
        Assert.Contains(Enumerable.Range(1, steps), step => sampler.At(step).Rows.Select(row => row.Query.Task).Distinct().Count() == 2);
    }

    [Fact]
    public void Should_visit_all_whole_sub_batches_in_another_order_When_the_next_epoch_begins()
    {
        const int rows = 64;
        int[] tasks = [3, 6];
        var stage = Stage(0, 1, tasks, rows, steps: 1000);
        var sampler = new BatchSampler(data, 3, [stage with { Spec = stage.Spec with { SubBatch = rows } }]);
        var epoch = tasks.Sum(task => data.Queries("train").Count(query => query.Task == task) / rows);
        var batches = Enumerable.Range(1, 2 * epoch).Select(step => sampler.At(step).Rows.Select(row => row.Query).ToList()).ToList();

        Assert.All(batches.Chunk(epoch), visited => Assert.Equal(epoch * rows, visited.SelectMany(queries => queries).Distinct().Count()));
        Assert.NotEqual(batches[0], batches[epoch]);
    }

    [Fact]
    public void Should_draw_each_query_as_often_as_its_weight_says_When_tasks_are_weighed()
    {
        var (many, few) = (Train(6), Train(3));
        var epoch = (2 * many.Length) + (int)Math.Round(many.Length * 0.5) + few.Length;
        var weighed = Weighed([3, 6], epoch, steps: 2, new QueryWeight { Task = 6, Weight = 2.5 });
        foreach (var step in (int[])[1, 2])
        {
            var times = weighed.At(step).Rows.CountBy(row => row.Query).ToDictionary();
            Assert.All(few, query => Assert.Equal(1, times[query]));
            Assert.All(many, query => Assert.InRange(times[query], 2, 3));
        }
        Assert.NotEqual(Thrice(1), Thrice(2));

        HashSet<string> Thrice(int step) => [.. weighed.At(step).Rows.CountBy(row => row.Query.Id).Where(query => query.Value == 3).Select(query => query.Key)];
    }

    [Fact]
    public void Should_draw_what_it_drew_without_weights_When_all_are_one()
    {
        var one = Weighed([3, 6], 100, steps: 20, new QueryWeight { Dataset = DataSetOf(Train(6)[0]), Weight = 1 });
        var none = Weighed([3, 6], 100, steps: 20);
        Assert.All(Enumerable.Range(1, 20), step => Assert.Equal(none.At(step).LedgerEntry, one.At(step).LedgerEntry));
    }

    [Fact]
    public void Should_have_more_sub_batches_of_a_task_and_each_of_one_When_it_is_weighed()
    {
        const int rows = 16;
        var stage = Stage(0, 1, [3, 6], rows, steps: 400);
        var sampler = new BatchSampler(data, 3, [stage with { Spec = stage.Spec with { SubBatch = rows, Weights = [new QueryWeight { Task = 3, Weight = 4 }] } }]);
        var tasks = Enumerable.Range(1, 400).Select(step => sampler.At(step).Rows.Select(row => row.Query.Task).Distinct().Single()).ToList();
        var share = 4.0 * Train(3).Length / ((4.0 * Train(3).Length) + Train(6).Length);
        Assert.InRange(tasks.Count(task => task == 3) / 400.0, share - 0.1, share + 0.1);
    }

    [Fact]
    public void Should_be_refused_When_a_weight_fits_no_query() =>
        Assert.Contains("data set 99", Assert.Throws<DataException>(() => Weighed([6], 8, steps: 1, new QueryWeight { Dataset = 99, Weight = 2 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Should_use_only_the_stages_tasks_and_instructions_When_stages_differ()
    {
        var sampler = Sampler(7);
        Assert.All(sampler.At(20).Rows, row => Assert.True(row.Query.Task is 0 or 3 && row.Instruction == -1));
        var second = sampler.At(21).Rows;
        Assert.Contains(second, row => row.Query.Task == 7);
        Assert.All(second, row => Assert.InRange(row.Instruction, 0, 3));
        Assert.Equal(4, second.Select(row => row.Instruction).Distinct().Count());
        Assert.All(second, row => Assert.Contains(row.Candidate, row.Query.Positives));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.At(51));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.At(0));
    }

    [Fact]
    public void Should_draw_each_querys_own_hard_negatives_without_repetition_When_the_stage_asks_for_some()
    {
        const int most = 3, steps = 40;
        var stage = Stage(0, 1, [6, 7, 8], globalBatch: 64, steps);
        var plain = new BatchSampler(data, 3, [stage]);
        var sampler = new BatchSampler(data, 3, [stage with { Spec = stage.Spec with { HardNegatives = most } }]);
        var rows = Enumerable.Range(1, steps).SelectMany(step => sampler.At(step).Rows).ToList();

        Assert.All(rows, row => Assert.Equal(Math.Min(most, row.Query.HardNegatives.Length), row.HardNegatives.Length));
        Assert.All(rows, row => Assert.Equal(row.HardNegatives.Length, row.HardNegatives.Intersect(row.Query.HardNegatives).Count()));
        Assert.Contains(rows, row => row.HardNegatives.Any(negative => row.Query.HardNegatives.IndexOf(negative) >= most));
        Assert.Equal(Enumerable.Range(1, steps).SelectMany(step => plain.At(step).Rows).Select(row => (row.Query, row.Candidate)), rows.Select(row => (row.Query, row.Candidate)));
        Assert.NotEqual(plain.At(1).LedgerEntry, sampler.At(1).LedgerEntry);
    }

    [Fact]
    public void Should_draw_mined_negatives_beside_the_named_ones_When_the_stage_mines()
    {
        const int steps = 40;
        var stage = Stage(0, 1, [6, 7], globalBatch: 64, steps);
        stage = stage with { Spec = stage.Spec with { HardNegatives = 1, MinedNegatives = new NegativeMining { PerQuery = 2 } } };
        var queries = BatchSampler.Queries(data, stage.Spec);
        var lists = queries.Select((query, i) => data.Pool(query.Task, PoolKind.Local).Except(query.Positives).Skip(i % 50).Take(i % 4).ToImmutableArray()).ToArray();
        var mined = new MinedNegatives(queries, lists);
        var unmined = new BatchSampler(data, 3, [stage]);
        var rows = Enumerable.Range(1, steps).SelectMany(step => unmined.With(stage, mined).At(step).Rows).ToList();

        Assert.Throws<InvalidOperationException>(() => unmined.At(1));
        Assert.All(rows, row => Assert.Equal(row.HardNegatives.Length, row.HardNegatives.Distinct().Count()));
        Assert.All(rows, row => Assert.InRange(row.HardNegatives.Except(row.Query.HardNegatives).Except(mined.Of(row.Query)).Count(), 0, 0));
        Assert.All(rows.Where(row => row.Query.HardNegatives.IsEmpty), row => Assert.Equal(Math.Min(2, mined.Of(row.Query).Length), row.HardNegatives.Length));
        Assert.Contains(rows, row => row.HardNegatives.Contains(mined.Of(row.Query).LastOrDefault(-1)) && mined.Of(row.Query).Length == 3);
    }

    [Fact]
    public void Should_be_refused_When_a_stage_has_nothing_to_train_on()
    {
        var error = Assert.Throws<DataException>(() => new BatchSampler(data, 1, [Stage(0, 1, [1], 4, steps: 1)]));
        Assert.Contains("0, 2, 3, 4, 6, 7, 8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Should_divide_the_batch_without_gap_or_overlap_When_ranks_share_it(int world)
    {
        foreach (var size in new[] { 1, 7, 64, 129 })
        {
            var shares = Enumerable.Range(0, world).Select(rank => Share.Of(rank, world, size)).ToList();
            Assert.Equal(Enumerable.Range(0, size), shares.SelectMany(share => Enumerable.Range(share.First, share.Count)));
            Assert.InRange(shares.Max(share => share.Count) - shares.Min(share => share.Count), 0, 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(4097)]
    public void Should_hit_every_position_once_When_permuted(int count)
    {
        var order = new KeyedPermutation(count, 42);
        Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, count).Select(position => order[position]).Order());
    }

    [Fact]
    public void Should_leave_few_positions_in_place_When_permuted()
    {
        var order = new KeyedPermutation(10_000, 42);
        Assert.InRange(Enumerable.Range(0, 10_000).Count(position => order[position] == position), 0, 10);
    }

    private BatchSampler Sampler(int seed) => new(data, seed, [Stage(0, 1, [0, 3], 32, 20), Stage(1, 21, [0, 2, 3, 4, 6, 7, 8], 64, 30, instructions: true)]);

    private Query[] Train(int task) => [.. data.Queries("train").Where(query => query.Task == task)];

    private static int DataSetOf(Query query) => int.Parse(query.Id.Split(':')[0], CultureInfo.InvariantCulture);

    private BatchSampler Weighed(int[] tasks, int globalBatch, int steps, params QueryWeight[] weights)
    {
        var stage = Stage(0, 1, tasks, globalBatch, steps);
        return new BatchSampler(data, 3, [stage with { Spec = stage.Spec with { Weights = weights is [] ? null : [.. weights] } }]);
    }

    internal static StagePlan Stage(int index, int firstStep, int[] tasks, int globalBatch, int steps, bool instructions = false) => new(
        index,
        firstStep,
        new StageSpec { Name = $"stage-{index}", Tasks = [.. tasks], Instructions = instructions, Steps = steps, GlobalBatch = globalBatch, LearningRate = 1e-3 },
        "lineage");
}
