using System.Collections.Immutable;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public class RunFilterTests
{
    private static readonly ImmutableArray<RunStatus> Runs =
    [
        Run("a/early", LiveRunState.Succeeded, step: 100, loss: 0.5),
        Run("a/score", LiveRunState.Failed, step: 40, loss: 2, reason: "rank 1 crashed"),
        Run("b/early", LiveRunState.Training, step: 10, loss: 3, user: "ann"),
        Run("b/late", LiveRunState.Queued, step: 0, loss: null),
    ];

    [Theory]
    [InlineData("", RunGroup.All, "", new[] { "b/early", "b/late", "a/score", "a/early" })]
    [InlineData("EARLY", RunGroup.All, "", new[] { "b/early", "a/early" })]
    [InlineData("rank crashed", RunGroup.All, "", new[] { "a/score" })]
    [InlineData("ann", RunGroup.All, "", new[] { "b/early" })]
    [InlineData("", RunGroup.Failed, "", new[] { "a/score" })]
    [InlineData("", RunGroup.All, "b", new[] { "b/early", "b/late" })]
    [InlineData("early", RunGroup.Done, "b", new string[0])]
    public void Should_choose_by_words_state_and_experiment(string text, RunGroup group, string experiment, string[] expected) =>
        Assert.Equal(expected, new RunFilter(text, group, experiment).Select(Runs).OnPage.Select(run => run.Name));

    [Theory]
    [InlineData(RunOrdering.Newest, new[] { "b/late", "b/early", "a/score", "a/early" })]
    [InlineData(RunOrdering.Name, new[] { "a/early", "a/score", "b/early", "b/late" })]
    [InlineData(RunOrdering.Loss, new[] { "a/early", "a/score", "b/early", "b/late" })]
    [InlineData(RunOrdering.Progress, new[] { "a/early", "a/score", "b/early", "b/late" })]
    public void Should_sort_as_asked(RunOrdering order, string[] expected) =>
        Assert.Equal(expected, new RunFilter(Order: order).Select(Runs).OnPage.Select(run => run.Name));

    [Fact]
    public void Should_count_each_group_whichever_is_chosen()
    {
        var counts = new RunFilter(Group: RunGroup.Failed, Experiment: "a").Select(Runs).Counts;

        Assert.Equal((2, 0, 0, 1, 0, 1), (counts[RunGroup.All], counts[RunGroup.Active], counts[RunGroup.Waiting], counts[RunGroup.Failed], counts[RunGroup.Paused], counts[RunGroup.Done]));
    }

    [Fact]
    public void Should_give_every_run_one_page_when_there_are_a_thousand()
    {
        ImmutableArray<RunStatus> many = [.. Enumerable.Range(0, 1001).Select(i => Run($"a/{i:0000}", LiveRunState.Queued, 0, null))];

        var pages = Enumerable.Range(1, 21).Select(page => new RunFilter(Page: page).Select(many)).ToList();

        Assert.Equal(many.Select(run => run.Name), pages.SelectMany(page => page.OnPage).Select(run => run.Name));
        Assert.Equal((50, 1, 21), (pages[0].OnPage.Length, pages[^1].OnPage.Length, pages[0].Pages));
        Assert.Equal(21, new RunFilter(Page: 99).Select(many).Page);
    }

    [Fact]
    public void Should_come_back_from_its_address()
    {
        var filter = new RunFilter("a b", RunGroup.Paused, "b", RunOrdering.Loss, 3);
        var query = filter.Query;

        Assert.Equal(filter, RunFilter.Of((string?)query["q"], (string?)query["state"], (string?)query["experiment"], (string?)query["sort"], (int?)query["page"]));
        Assert.All(new RunFilter().Query.Values, Assert.Null);
        Assert.Equal(new RunFilter(), RunFilter.Of(null, "17", null, "nonsense", -4));
    }

    private static RunStatus Run(string name, LiveRunState state, int step, double? loss, string? reason = null, string? user = null) => new(
        name, "early", state, DateTimeOffset.UnixEpoch, null, step, 100, loss, null, null, null, null, null, 1, null, reason, user);
}
