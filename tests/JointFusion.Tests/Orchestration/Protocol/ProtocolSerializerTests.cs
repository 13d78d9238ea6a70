using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Configuration;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class ProtocolSerializerTests : IAsyncLifetime
{
    private static readonly RunOrder Order = new("early", "/runs/early", 2);
    private static readonly RunFailure Failure = new(1, ReplicaPhase.Training, FailureKind.Crashed, "killed");
    private static readonly SlotWork Work = new("early", 3, 1, ReplicaPhase.Evaluating, "test", "h:1", 60, new ReplicaOutcome.Failed(FailureKind.OutOfMemory, "m"));
    private static readonly NodeReport Report = new("a", [new SlotReport(0, 7, true, 0, Work, new WorkerExit(6, 137, "killed")), new SlotReport(1, null, false, 2, null, null)],
        ImmutableSortedDictionary<string, string>.Empty.Add("gpu", "h100"), ClusterProtocol.Version);
    private static readonly ImmutableSortedDictionary<string, string> Labels = ImmutableSortedDictionary<string, string>.Empty.Add("gpu", "h100");
    private ActorSystem system = null!;
    private ProtocolSerializer serializer = null!;

    public static IReadOnlyList<object> Examples { get; } =
    [
        new SubmitRun(Order with { Priority = 5, User = "ann", Labels = Labels, Sweep = "s", Rungs = [50], Shared = [new(12, "k")] }), new StopRuns(["a", "b"], "ann"), new CancelRuns(["a"]), new ResumeRuns([]), new PrioritiseRuns(["a"], 5, "ann"), new DrainNode("a", "ann"), new UndrainNode("a"), new ReleaseSlot(new("a", 1), "ann"), new CommandDone(), new GetSnapshot(), new CoordinatorAway("full"), Report,
        new NodeDraining("a", Samples.Noon, "ann"), new NodeUndrained("a", Samples.Noon),
        new SlotQuarantined(new("a", 1), Samples.Noon, Samples.Noon.AddHours(1), "why"), new SlotReleased(new("a", 1), Samples.Noon),
        new ClusterSnapshot([new RunSnapshot("early", RunState.Failed, Samples.Noon, "adaptation", 2, "why", 60, [new RankSnapshot(0, new("a", 0), 7, null, "")], "warned", "ann", StopPurpose.Yield, Samples.Noon, TimeSpan.FromHours(2), 5, 0.5)], [Report], [new NodeDrain("a", Samples.Noon, "ann")],
            [new SlotQuarantine(new("a", 1), Samples.Noon, Samples.Noon.AddHours(1), "why")], [new SweepSnapshot(new SweepOrder("s", 3), 0.25, [new SweepRunSnapshot("early", [new RungResult(50, "recall", 0.5)])])]),
        new StepReport(Samples.Metrics("early", 1, 2)),
        new NodeOrders("a", [new SlotOrder(0, new ReplicaOrder("early", 1, "/r", 0, 2, null, false, 50, new SharedStart("score", "/r", 12)), new RankAssignment("early", 1, 0, ["h:1", "h:2"], "s"), Ending.Abort, 60)], Term: 7), new TermBegun(7, Samples.Noon),
        new RunSubmitted("early", Order, Samples.Noon), new RunRevised("early", Order), new RunPrioritised("early", -1, Samples.Noon, "ann"), new RunRebuilt("early", 103, 60, false, Samples.Noon, [new RungResult(60, "recall", 0.5)]),
        new AttemptStarted("early", 1, 60, [new("a", 0)], Samples.Noon, new SharedStart("score", "/r", 12)), new AttemptPlaced("early", 1, Samples.Noon), new StageEntered("early", 1, "adaptation", Samples.Noon),
        new EvaluationEntered("early", 1, Samples.Noon), new CheckpointTaken("early", 1, 60),
        new AttemptFailed("early", 1, Failure, 1, 70, Samples.Noon), new AttemptBroken("early", 1, Failure, Samples.Noon),
        new RankEnded("early", 1, 0, new ReplicaOutcome.Stopped(70)),
        new StopRequested("early", Samples.Noon, StopPurpose.Yield, "why"), new RunStopped("early", Samples.Noon, StopPurpose.Cancel), new RunResumed("early", Samples.Noon),
        new SubmitSweep(new SweepOrder("s", 3, 1.5)), new SweepSubmitted(new SweepOrder("s"), Samples.Noon), new RungReached("early", 1, 50, "recall", 0.5, Samples.Noon),
        new RunPromoted("early", Samples.Noon, "why"), new RunPruned("early", Samples.Noon, "why"),
        new RunSucceeded("early", 1, Samples.Noon), new RunFailed("early", 1, Failure with { Rank = null, Phase = null }, Samples.Noon),
    ];

    public static TheoryData<string> Names => [.. Examples.Select(example => example.GetType().Name)];

    public ValueTask InitializeAsync()
    {
        system = ActorSystem.Create("serialization", ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        serializer = new ProtocolSerializer((ExtendedActorSystem)system);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await system.Terminate();

    [Fact]
    public void Should_have_an_example_and_a_name_when_a_type_may_leave_the_process()
    {
        var types = typeof(IProtocolMessage).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IProtocolMessage)) && type is { IsAbstract: false, IsInterface: false })
            .OrderBy(type => type.Name).ToList();
        Assert.Equal(types, Examples.Select(example => example.GetType()).OrderBy(type => type.Name));
        Assert.Equal(types, ProtocolTypes.Names.Keys.OrderBy(type => type.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_come_back_whole_when_written_and_read(string name)
    {
        var example = Examples.Single(candidate => candidate.GetType().Name == name);
        var bytes = serializer.ToBinary(example);
        var back = serializer.FromBinary(bytes, serializer.Manifest(example));

        Assert.Equal(example.GetType(), back.GetType());
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(serializer.ToBinary(back)));
        Assert.Equivalent(example, back, strict: true);
    }

    /// <summary>What a neighbouring version may have added, at every depth.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Should_pass_over_what_it_does_not_know_when_a_neighbouring_version_says_more(string name)
    {
        var example = Examples.Single(candidate => candidate.GetType().Name == name);
        var message = JsonNode.Parse(serializer.ToBinary(example))!;
        AddUnknown(message);

        Assert.Equivalent(example, serializer.FromBinary(Encoding.UTF8.GetBytes(message.ToJsonString()), serializer.Manifest(example)), strict: true);
    }

    [Fact]
    public void Should_read_what_the_version_before_says()
    {
        Assert.Equivalent(new NodeReport("a", [], null, ClusterProtocol.First), Read("node-report", """{"node":"a","slots":[]}"""), strict: true);
        Assert.Equivalent(new NodeOrders("a", [], null), Read("node-orders", """{"node":"a","slots":[]}"""), strict: true);
    }

    /// <summary>What stood in journals before orders had priorities and stops a purpose.</summary>
    [Fact]
    public void Should_say_nothing_new_of_an_order_when_it_asks_for_nothing_new() => Assert.Equal(
        """{"run":"early","run_folder":"/runs/early","workers":2,"starts_at":null}""",
        Encoding.UTF8.GetString(serializer.ToBinary(new SubmitRun(Order))["{\"order\":".Length..^1]));

    [Fact]
    public void Should_compare_orders_by_their_labels_when_they_come_from_elsewhere()
    {
        var order = Order with { Labels = Labels };
        Assert.Equal(order, Order with { Labels = Labels.ToImmutableSortedDictionary() });
        Assert.Equal(Order, Order with { Labels = Labels.Clear() });
        Assert.NotEqual(order, Order with { Labels = Labels.SetItem("gpu", "a100") });
        Assert.NotEqual(order, Order);
    }

    [Fact]
    public void Should_read_what_older_versions_journalled()
    {
        Assert.Equal(new RunSubmitted("early", Order, Samples.Noon), Read("run-submitted",
            """{"run":"early","order":{"run":"early","run_folder":"/runs/early","workers":2,"starts_at":null},"at":"2026-01-02T12:00:00+00:00"}"""));
        Assert.Equal(new StopRequested("early", Samples.Noon, StopPurpose.Pause), Read("stop-requested", """{"run":"early","at":"2026-01-02T12:00:00+00:00"}"""));
        Assert.Equal(new RunStopped("early", Samples.Noon, StopPurpose.Pause), Read("run-stopped", """{"run":"early","at":"2026-01-02T12:00:00+00:00"}"""));
        Assert.Equal(new RunResumed("early", Samples.Noon), Read("run-resumed", """{"run":"early","at":"2026-01-02T12:00:00+00:00"}"""));
    }

    [Fact]
    public void Should_refuse_when_a_type_is_not_in_the_table()
    {
        Assert.Throws<SerializationException>(() => serializer.ToBinary(new LoseNode("a")));
        Assert.Throws<SerializationException>(() => serializer.FromBinary("{}"u8.ToArray(), "System.Diagnostics.Process, System"));
        Assert.Throws<SerializationException>(() => serializer.FromBinary("{}"u8.ToArray(), "submit-run"));
        Assert.Throws<SerializationException>(() => serializer.FromBinary("not json"u8.ToArray(), "submit-run"));
    }

    [Fact]
    public void Should_refuse_when_bytes_come_under_the_name_of_the_default_serializer()
    {
        var refusing = new RefusingSerializer((ExtendedActorSystem)system, Config.Empty);
        var evil = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Dictionary<string, string> { ["$type"] = "System.IO.FileInfo, System.Private.CoreLib" }));
        Assert.Equal(1, refusing.Identifier);
        Assert.Throws<SerializationException>(() => refusing.FromBinary(evil, typeof(object)));
        Assert.Throws<SerializationException>(() => refusing.ToBinary("text"));
    }

    private static void AddUnknown(JsonNode? node)
    {
        if (node is JsonArray array)
            array.ToList().ForEach(AddUnknown);
        if (node is not JsonObject known)
            return;
        foreach (var (name, child) in known.ToList())
            if (name != "labels" && !name.Contains("_by_", StringComparison.Ordinal)) // Their names are data: one more is no unknown member.
                AddUnknown(child);
        known["of_a_later_version"] = new JsonArray(1, "two");
    }

    private object Read(string manifest, string json) => serializer.FromBinary(Encoding.UTF8.GetBytes(json), manifest);
}
