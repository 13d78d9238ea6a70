using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What a search lists is what embedding each item alone and multiplying would list.</summary>
public sealed class SearchEngineTests(CardRun run) : IClassFixture<CardRun>
{
    private const float Rounding = 1e-5f;

    [Theory]
    [InlineData("amber beside blue", null, 0, "Find the card. amber beside blue")]
    [InlineData(null, "mbeir_images/01.svg", 3, "Name the card.")]
    [InlineData("amber beside blue", "mbeir_images/01.svg", null, "amber beside blue")]
    public void Should_list_what_each_item_alone_would_give_When_asked(string? text, string? image, int? task, string asked)
    {
        using var engine = Open(run.Open());

        var answer = engine.Ask(new SearchQuery(text, image, task), top: 7);

        var data = run.Data;
        var pool = data.Pool(task ?? 0, task is null ? PoolKind.Global : PoolKind.Local);
        var query = Alone(engine.Retriever, new ItemRef(asked, image));
        var expected = pool.Select(candidate => data.Candidates[candidate])
            .Where(candidate => image is null || candidate.ImagePath != image)
            .Select(candidate => (candidate.Did, Score: Dot(query, Alone(engine.Retriever, ItemRef.Of(candidate)))))
            .OrderByDescending(pair => pair.Score).ToArray();
        Assert.Equal((pool.Length, 7), (answer.PoolSize, answer.Hits.Length));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], answer.Hits.Select(hit => hit.Rank));
        Assert.Equal(image is not null, answer.OwnPictureLeftOut);
        Assert.All(answer.Hits.Zip(expected), pair => Assert.Equal(pair.Second.Score, pair.First.Score, Rounding));
        Assert.All(answer.Hits, hit => Assert.Equal(expected.Single(pair => pair.Did == hit.Id).Score, hit.Score, Rounding));
    }

    [Fact]
    public void Should_put_no_instruction_before_a_text_When_the_retriever_has_not_learnt_any_yet()
    {
        using var adapted = Open(run.Open(step: CardRun.Adapted));

        Assert.Null(adapted.Ask(new SearchQuery("amber", null, 0), 1).Instruction);
        Assert.Equal([new TrainedStage("adaptation", Instructions: false)], adapted.Retriever.Origin.Stages!.Value.AsEnumerable());
    }

    [Fact]
    public void Should_answer_alike_When_the_retriever_was_exported()
    {
        using var target = new TemporaryFolder();
        new RetrieverExporter(run.Plan, run.Folder).Export(CardRun.Steps, target["exported"]);
        using var exported = Open(SavedRetriever.OfExport(target["exported"], CPU));
        using var saved = Open(run.Open());
        var query = new SearchQuery("green beside hazel", null, 0);

        Assert.Equal(saved.Ask(query, 5).Hits, exported.Ask(query, 5).Hits);
        Assert.Equal("Find the card.", exported.Ask(query, 5).Instruction);
        Assert.Equal(saved.Retriever.Identity, exported.Retriever.Identity);
        Assert.Equal((5, "adaptation", "instruction"), (exported.Retriever.Origin.Seed, exported.Retriever.Origin.Stages!.Value[0].Name, exported.Retriever.Origin.Stages!.Value[1].Name));
    }

    [Fact]
    public void Should_take_a_picture_from_anywhere_and_see_it_change_When_asked_with_a_file()
    {
        using var mine = new TemporaryFolder();
        using var engine = Open(run.Open());
        var file = mine["mine.svg"];

        File.Copy(Path.Combine(run.Root, "mbeir_images", "23.svg"), file);
        var first = engine.Ask(new SearchQuery(null, file), 1);
        File.Copy(Path.Combine(run.Root, "mbeir_images", "45.svg"), file, overwrite: true);
        var second = engine.Ask(new SearchQuery(null, file), 1);

        Assert.Equal(("mbeir_images/23.svg", "mbeir_images/45.svg"), (first.Hits[0].Image, second.Hits[0].Image));
        Assert.InRange(first.Hits[0].Score, 1 - Rounding, 1 + Rounding);
        Assert.False(first.OwnPictureLeftOut);
    }

    [Theory]
    [InlineData(null, null, null, "Nothing is asked")]
    [InlineData(" ", null, null, "The text is empty")]
    [InlineData("amber", null, 5, "There is no task 5; with text one can ask task 0 (for image), task 1 (for text), task 2 (for image,text).")]
    [InlineData("amber", null, 7, "Task 7 is asked with image,text, but text was given")]
    public void Should_say_what_can_be_asked_When_a_query_cannot(string? text, string? image, int? task, string words)
    {
        using var engine = Open(run.Open());

        Assert.Contains(words, Assert.Throws<ArgumentException>(() => engine.Ask(new SearchQuery(text, image, task), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_place_When_picture_or_pool_are_missing()
    {
        using var engine = Open(run.Open());

        Assert.Contains("none.png: cannot be decoded as a picture", Assert.Throws<DataException>(() => engine.Ask(new SearchQuery(null, "none.png"), 1)).Message, StringComparison.Ordinal);
        Assert.Contains("no local pool for task 1", Assert.Throws<DataException>(() => engine.Ask(new SearchQuery("amber", null, 1), 1)).Message, StringComparison.Ordinal);
        Assert.Equal([0, 3], engine.Data.LocalTasks);
    }

    private SearchEngine Open(SavedRetriever retriever) => SearchEngine.Open(retriever, run.Data, cancel: TestContext.Current.CancellationToken);

    private static float[] Alone(SavedRetriever retriever, ItemRef item)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return [.. retriever.Retriever.call(retriever.Loader(retriever.Set!).Load([item])).data<float>()];
    }

    private static float Dot(float[] a, float[] b) => (float)a.Zip(b, (x, y) => (double)x * y).Sum();
}
