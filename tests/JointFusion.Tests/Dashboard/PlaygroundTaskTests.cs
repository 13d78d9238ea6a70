using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What a playground offers to look for.</summary>
public sealed class PlaygroundTaskTests
{
    [Theory]
    [InlineData(false, true, new[] { 0, 1, 2 })]
    [InlineData(false, false, new[] { 0, 1, 2 })]
    [InlineData(true, false, new[] { 3, 4 })]
    [InlineData(true, true, new[] { 6, 7, 8 })]
    public void Should_lead_from_what_is_given(bool picture, bool words, int[] tasks) =>
        Assert.Equal(tasks, PlaygroundTask.For(picture, words, []).Select(task => task.Id));

    [Fact]
    public void Should_be_what_both_data_sets_have_when_two_are_asked() =>
        Assert.Equal([(7, "pictures")], PlaygroundTask.For(true, true, [[0, 6, 7], [7, 8]]).Select(task => (task.Id, task.Kind)));
}
