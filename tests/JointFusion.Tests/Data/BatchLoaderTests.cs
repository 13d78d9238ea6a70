using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class BatchLoaderTests(IconsFixture icons)
{
    private const int Steps = 8;
    private readonly MbeirDataset data = icons.Data;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(5, 2)]
    public void Should_join_to_the_global_batch_When_all_ranks_load(int world, int hardNegatives)
    {
        var items = Items(new NetVipsDecoder());
        var loaders = Enumerable.Range(0, world).Select(rank => new BatchLoader(data, items, Sampler(hardNegatives), rank, world, 1, Steps)).ToList();
        for (var step = 1; step <= Steps; step++)
        {
            var global = Sampler(hardNegatives).At(step);
            var shares = loaders.Select(loader => loader.Next(step)).ToList();
            Assert.All(shares, share => Assert.Equal(global.LedgerEntry, share.LedgerEntry));
            Assert.All(shares, share => Assert.Equal(global.Rows.SelectMany(row => row.Candidates), share.Layout.Candidates));
            Assert.All(shares, share => Assert.Equal(shares.Select(other => other.Candidates.Count), share.Layout.CandidatesOfRank));
            Assert.All(shares, share => Assert.Equal(shares.Select(other => other.Queries.Count), share.Layout.RowsOfRank));
            Assert.All(shares, share => Assert.Equal(global.Rows.Select(row => row.Candidate), share.Layout.Targets.Select(target => share.Layout.Candidates[target])));
            Assert.All(shares, share => Assert.Equal(global.Rows.Select(row => row.Query.Positives), share.Layout.Positives));
            Assert.All(shares, share => Assert.Equal(global.Rows.Select(row => int.Parse(row.Query.Id.Split(':')[0])), share.Layout.DataSets));
            Assert.Equal(items.Load([.. global.Rows.Select(row => ItemRef.Of(row.Query, row.Instruction))]).Tokens, shares.SelectMany(share => share.Queries.Tokens));
            Assert.Equal(items.Load([.. global.Rows.SelectMany(row => row.Candidates).Select(candidate => ItemRef.Of(data.Candidates[candidate]))]).Patches, shares.SelectMany(share => share.Candidates.Patches));
        }

        loaders.ForEach(loader => loader.Dispose());
    }

    [Fact]
    public void Should_give_absent_parts_no_length_When_items_are_mixed()
    {
        var picture = data.Candidates.First(candidate => candidate.Modality == Modality.Image).ImagePath;
        var batch = Items(new NetVipsDecoder()).Load([new("a", null), new(null, picture), new("a b", picture)]);
        Assert.Equal([1, 0, 2], Enumerable.Range(0, 3).Select(batch.TextLength));
        Assert.Equal([0, 16, 16], Enumerable.Range(0, 3).Select(batch.PatchCount));
        Assert.Equal(2 * 16 * 3 * 8 * 8, batch.Patches.Length);
        Assert.Equal(192, batch.PatchBytes);
        Assert.Equal(3, batch.Count);
    }

    [Fact]
    public void Should_put_the_instruction_before_the_text_When_one_was_drawn()
    {
        var query = data.Queries("train").First(query => query.Task == 7);
        Assert.Equal($"{query.Instructions[2]} {query.Text}", ItemRef.Of(query, 2).Text);
        Assert.Equal(query.Text, ItemRef.Of(query, -1).Text);
        var picture = data.Queries("train").First(query => query.Task == 3);
        Assert.Equal(picture.Instructions[0], ItemRef.Of(picture, 0).Text);
    }

    [Fact]
    public void Should_decode_each_picture_once_When_it_fits_in_memory()
    {
        var decoder = new CountingDecoder();
        var items = Items(decoder);
        for (var round = 0; round < 3; round++) items.Load([new(null, "a.png"), new(null, "b.png")]);
        Assert.Equal(2, decoder.Calls);

        var tight = new CountingDecoder();
        var one = new ItemLoader(data, data.Tokenizer, tight, 32, 8, 16, cacheBytes: 3 * 32 * 32);
        for (var round = 0; round < 3; round++) one.Load([new(null, "a.png"), new(null, "b.png")]);
        Assert.Equal(4, tight.Calls);
    }

    [Fact]
    public void Should_refuse_steps_out_of_order()
    {
        using var loader = new BatchLoader(data, Items(new CountingDecoder()), Sampler(), 0, 1, 3, Steps);
        Assert.Throws<InvalidOperationException>(() => loader.Next(1));
        Assert.Equal(3, loader.Next(3).Step);
        Assert.Throws<InvalidOperationException>(() => loader.Next(3));
        for (var step = 4; step <= Steps; step++) Assert.Equal(step, loader.Next(step).Step);
        Assert.Throws<InvalidOperationException>(() => loader.Next(Steps + 1));
    }

    [Fact]
    public void Should_throw_the_cause_in_Next_When_the_thread_failed()
    {
        using var loader = new BatchLoader(data, Items(new CountingDecoder { FailAt = 20 }), Sampler(), 0, 1, 1, Steps);
        var error = Assert.Throws<DataException>(() =>
        {
            for (var step = 1; step <= Steps; step++) loader.Next(step);
        });
        Assert.Equal("broken picture", error.Message);
    }

    [Fact]
    public void Should_end_its_thread_When_disposed_before_the_last_step()
    {
        var decoder = new CountingDecoder();
        var loader = new BatchLoader(data, Items(decoder), Sampler(), 0, 1, 1, Steps);
        loader.Next(1);
        loader.Dispose();
        var calls = decoder.Calls;
        Assert.Throws<ObjectDisposedException>(() => loader.Next(2));
        Assert.Equal(calls, decoder.Calls);
    }

    private ItemLoader Items(IImageDecoder decoder) => new(data, data.Tokenizer, decoder, 32, 8, 16);

    private BatchSampler Sampler(int hardNegatives = 0)
    {
        var stage = BatchSamplerTests.Stage(0, 1, [0, 3, 7, 8], 13, Steps, instructions: true);
        return new(data, 11, [stage with { Spec = stage.Spec with { HardNegatives = hardNegatives } }]);
    }

    private sealed class CountingDecoder : IImageDecoder
    {
        private int calls;

        public int Calls => Volatile.Read(ref calls);

        public int FailAt { get; init; } = int.MaxValue;

        public byte[] Decode(string path, int size) =>
            Interlocked.Increment(ref calls) >= FailAt ? throw new DataException("broken picture") : new byte[3 * size * size];
    }
}
