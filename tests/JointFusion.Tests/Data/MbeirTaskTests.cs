using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class MbeirTaskTests(IconsFixture icons)
{
    [Theory]
    [InlineData(0, "text", "image")]
    [InlineData(1, "text", "text")]
    [InlineData(2, "text", "image,text")]
    [InlineData(3, "image", "text")]
    [InlineData(4, "image", "image")]
    [InlineData(6, "image,text", "text")]
    [InlineData(7, "image,text", "image")]
    [InlineData(8, "image,text", "image,text")]
    public void Should_join_the_modalities_of_the_benchmark_When_looked_up(int id, string query, string candidate)
    {
        var task = MbeirTask.Find(id)!;
        Assert.Equal((query, candidate), (task.Query.Name(), task.Candidate.Name()));
        Assert.Same(task, MbeirTask.Find(task.Query, task.Candidate));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(-1)]
    public void Should_not_exist_When_the_benchmark_has_no_such_task(int id) => Assert.Null(MbeirTask.Find(id));

    [Fact]
    public void Should_give_every_query_and_positive_the_modality_of_its_task_When_icons_are_read()
    {
        var data = icons.Data;
        foreach (var query in data.Summary.Splits.Prepend("train").SelectMany(split => data.Queries(split)))
        {
            var task = MbeirTask.Find(query.Task)!;
            Assert.Equal((task.Query.HasText(), task.Query.HasImage()), (query.Text is not null, query.ImagePath is not null));
            Assert.All(query.Positives, positive => Assert.Equal(task.Candidate, data.Candidates[positive].Modality));
            Assert.NotEmpty(query.Instructions);
        }
    }
}
