using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The text that hashes are of is the serializer's, sorted: what has been hashed so far is found again.</summary>
public sealed class CanonicalJsonTests
{
    public static TheoryData<string> Specs => [.. Directory.GetFiles(Repository.In("experiments"), "*.yaml").Where(path => File.ReadAllText(path).Contains("\nstages:", StringComparison.Ordinal)).Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Should_be_the_serializers_text_when_a_spec_is_hashed(string file)
    {
        var spec = SpecLoader.Load(Repository.In("experiments", file)).Spec!;

        AssertSame(spec);
        AssertSame(new { After = "link", spec.Evaluation, Stage = spec.Stages[0], spec.Retriever, spec.Resources, spec.Sweep });
    }

    [Fact]
    public void Should_be_the_serializers_text_when_a_plan_is_hashed()
    {
        var plan = Plans.Of(SpecTexts.Spec(SpecTexts.Valid));

        AssertSame(plan);
        AssertSame(plan with { Fork = new ForkPlan("early", "abc", 12, "def"), Shared = [new SharedStage(12, "k")] });
        AssertSame(plan.Resources with { Labels = ImmutableSortedDictionary<string, string>.Empty.Add("gpu", "h100").Add("a\"b\\c<é>", "ü\n\u2028") });
        AssertSame(plan.Retriever.Shape);
    }

    [Fact]
    public void Should_be_the_serializers_text_when_numbers_texts_and_absent_values_are_strange() => AssertSame(new
    {
        Numbers = new[] { 0.1, 1, 1e-5, 1e21, -0.0, 1.0 / 3, double.MaxValue, double.Epsilon, 1e15, 123456789012345678 },
        Singles = new[] { 0.1f, 1e-5f, 16777216f },
        Whole = new long[] { 0, -1, long.MinValue },
        Zebra = (string?)null,
        apple = "a/b + 'c' \"d\" \u0001 \ud83d\ude00",
        Absent = (int?)null,
        Present = (int?)3,
        Choice = RunChoice.NotYetSaid,
        Choices = ImmutableArray.Create(RunChoice.Yes, RunChoice.NotYetSaid),
        Maybe = (RunChoice?)null,
        Empty = Array.Empty<int>(),
        Nothing = new { },
        ByTask = ImmutableSortedDictionary<int, double>.Empty.Add(10, 0.5).Add(9, 1),
        Left = new LeftOut(),
        Kept = new LeftOut { Flag = true, Count = 1, Words = "x", Choice = RunChoice.Yes, Ratio = 0.5, Numbers = [1] },
    });

    [Fact]
    public void Should_refuse_when_a_value_is_of_a_kind_that_nothing_was_said_of()
    {
        Assert.Contains("DateTimeOffset", Assert.Throws<NotSupportedException>(() => CanonicalJson.Of(new { At = DateTimeOffset.UnixEpoch })).Message, StringComparison.Ordinal);
    }

    private static void AssertSame<T>(T value) => Assert.Equal(Sorted(JsonSerializer.SerializeToNode(value, JointFusionJson.Line))!.ToJsonString(JointFusionJson.Line), CanonicalJson.Of(value));

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject record => new JsonObject(record.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private enum RunChoice { No, Yes, NotYetSaid }

    private sealed record LeftOut
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Flag { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public int? Count { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Words { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public RunChoice Choice { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public double Ratio { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public ImmutableArray<int>? Numbers { get; init; }

        [JsonIgnore]
        public string Never => "never";

        public int Twice => 2;
    }
}
