using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;

namespace JointFusion.Numerics.Tests;

public sealed class EvaluationRequestTests
{
    private static readonly Query Both = new()
    {
        Id = "10:1",
        Text = "add a plus",
        ImagePath = "a.png",
        Task = 7,
        Operation = "add",
        Concept = "a",
        TargetSeen = true,
        Positives = [1],
        Instructions = ["Edit it.", "Change it."],
    };

    [Fact]
    public void Should_AskWholeAndByEachPart_When_QueryHasBoth()
    {
        var requests = EvaluationRequest.Of(Both, "test", instructions: true).ToArray();
        Assert.Equal(["query", "image", "text"], requests.Select(request => request.Inputs));
        Assert.Equal(new ItemRef("Edit it. add a plus", "a.png"), requests[0].Item);
        Assert.Equal(new ItemRef(null, "a.png"), requests[1].Item);
        Assert.Equal(new ItemRef("Edit it. add a plus", null), requests[2].Item);
    }

    [Fact]
    public void Should_AskOnce_When_QueryHasOnePart()
    {
        var requests = EvaluationRequest.Of(Both with { Text = null }, "test", instructions: true);
        Assert.Equal(new ItemRef("Edit it.", "a.png"), Assert.Single(requests).Item);
    }

    [Fact]
    public void Should_LeaveInstructionsOut_When_TrainedWithoutThem()
    {
        Assert.Equal("add a plus", EvaluationRequest.Of(Both, "test", instructions: false).First().Item.Text);
    }
}
