using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using Xunit;

namespace JointFusion.Numerics.Tests;

public sealed class OutcomeBuilderTests
{
    /// <summary>0 and 1 show picture a (as a picture, and captioned); 2 to 9 show others.</summary>
    private static readonly ImmutableArray<Candidate> Candidates =
        [.. Enumerable.Range(0, 10).Select(i => new Candidate(i, $"10:{i}", i == 1 ? "a" : null, i < 2 ? "a.png" : $"{i}.png", i == 1 ? Modality.ImageText : Modality.Image))];

    [Fact]
    public void Should_CountRanksFromOne_When_RelevantAreFound()
    {
        var outcome = Build(relevant: [4, 6], found: [3, 4, 5, 6, 7, 8]);
        var ranks = Of(outcome, own: true);
        Assert.Equal([2, 4], ranks.Found);
        Assert.Equal(0, ranks.Recall(1));
        Assert.Equal(1, ranks.Recall(5));
        Assert.Equal(0.5, ranks.TrueRecall(3, outcome.Relevant));
        Assert.Equal(1, ranks.TrueRecall(4, outcome.Relevant));
    }

    [Fact]
    public void Should_MoveUp_When_OwnPicturesAreStruckOut()
    {
        var outcome = Build(relevant: [4], found: [0, 1, 4, 5, 6, 7]);
        Assert.Equal([3], Of(outcome, own: true).Found);
        Assert.Equal([1], Of(outcome, own: false).Found);
        Assert.Equal(["10:4", "10:5", "10:6", "10:7"], outcome.Top);
    }

    [Fact]
    public void Should_LookNoDeeperThanTheLargestK_When_RelevantIsFarther()
    {
        var outcome = Build(relevant: [8], found: [2, 3, 4, 5, 6, 7, 8]);
        Assert.Empty(Of(outcome, own: true).Found);
    }

    [Fact]
    public void Should_SkipPadding_When_PoolIsSmall()
    {
        var outcome = Build(relevant: [4], found: [4, -1, -1]);
        Assert.Equal([1], Of(outcome, own: true).Found);
        Assert.Equal(["10:4"], outcome.Top);
    }

    private static OutcomeRanks Of(QueryOutcome outcome, bool own) => Assert.Single(outcome.Ranks, ranks => ranks.OwnImageInPool == own);

    private static QueryOutcome Build(int[] relevant, int[] found)
    {
        var query = new Query
        {
            Id = "10:1",
            Text = "other",
            ImagePath = "a.png",
            Task = 7,
            Operation = "add",
            Concept = "a",
            TargetSeen = true,
            Positives = [.. relevant],
            Instructions = [],
        };
        var request = EvaluationRequest.Of(query, "test", instructions: false).First();
        return Assert.Single(new OutcomeBuilder(Candidates, depth: 5).Build([new RankedList(request, PoolKind.Local, found)]));
    }
}
