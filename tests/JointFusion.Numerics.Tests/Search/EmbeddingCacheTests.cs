using JointFusion.Data;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Embeddings are computed once for each pair of weights and data; whatever is not whole is not believed.</summary>
public sealed class EmbeddingCacheTests(CardRun run) : IClassFixture<CardRun>, IDisposable
{
    private static readonly SearchQuery Query = new("coral beside denim", null, 0);
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Should_embed_once_When_asked_again()
    {
        var (first, embedded) = Ask();
        var (second, again) = Ask();

        Assert.Equal((128, 128), (embedded[^1].Done, embedded[^1].Total));
        Assert.Empty(again);
        Assert.Equal(first.Hits, second.Hits);
    }

    [Fact]
    public void Should_be_as_young_as_its_latest_use_When_it_is_read()
    {
        Ask();
        var entry = new DirectoryInfo(Entries().Single());
        var old = DateTime.UtcNow.AddDays(-40);
        Directory.SetLastWriteTimeUtc(entry.FullName, old);
        File.SetLastWriteTimeUtc(Path.Combine(entry.FullName, "entry.json"), old);
        entry.Refresh();
        Assert.Equal(old, EmbeddingCache.LastUseOf(entry), TimeSpan.FromSeconds(1));

        Assert.Empty(Ask().Told);

        entry.Refresh();
        Assert.InRange(EmbeddingCache.LastUseOf(entry), old.AddDays(39), DateTime.UtcNow.AddSeconds(1));
    }

    [Fact]
    public void Should_embed_anew_When_the_weights_are_others()
    {
        Ask(step: CardRun.Adapted);

        Assert.NotEmpty(Ask().Told);
        Assert.Equal(2, Entries().Length);
    }

    [Theory]
    [InlineData("embeddings.safetensors", "flip", "has SHA-256")]
    [InlineData("embeddings.safetensors", "truncate", "entry.json says")]
    [InlineData("embeddings.safetensors", "delete", "is missing")]
    [InlineData("entry.json", "truncate", "anew: ")]
    [InlineData("entry.json", "delete", "anew: ")]
    public void Should_say_so_and_embed_anew_When_an_entry_is_torn(string file, string how, string cause)
    {
        var (whole, _) = Ask();
        Tear(Path.Combine(Entries().Single(), file), how);

        var (answer, told) = Ask();

        Assert.Equal(whole.Hits, answer.Hits);
        Assert.Contains(cause, told[0].Phase, StringComparison.Ordinal);
        Assert.Equal(128, told[^1].Done);
        Assert.Empty(Ask().Told);
    }

    [Fact]
    public void Should_answer_and_leave_nothing_torn_When_killed_or_full_at_any_operation()
    {
        var counting = new FaultyDisk(int.MaxValue, killed: true);
        var (whole, _) = Ask(disk: counting);
        Assert.True(counting.Operations >= 5, $"only {counting.Operations} operations");
        foreach (var killed in (bool[])[true, false])
        {
            for (var at = 1; at <= counting.Operations; at++)
            {
                Clear();
                var (answer, told) = Ask(disk: new FaultyDisk(at, killed));
                Assert.Equal(whole.Hits, answer.Hits);
                Assert.Equal(Entries().Length == 0, told.Any(progress => progress.Phase.Contains("cannot be kept", StringComparison.Ordinal) && progress.Phase.Contains("No space left", StringComparison.Ordinal)));
                Assert.DoesNotContain(Ask().Told, progress => progress.Phase.Contains("torn", StringComparison.Ordinal));
            }
        }
    }

    private (SearchAnswer Answer, List<DataProgress> Told) Ask(int step = CardRun.Steps, IDisk? disk = null)
    {
        var told = new Told();
        using var engine = SearchEngine.Open(run.Open(step), run.Data, new EmbeddingCache(root["embeddings"], disk), told, TestContext.Current.CancellationToken);
        return (engine.Ask(Query, 5), told.Reports);
    }

    /// <summary>Those that a reader would find.</summary>
    private string[] Entries() => Directory.Exists(root["embeddings"]) ? [.. Directory.GetDirectories(root["embeddings"]).Where(path => !path.Contains(".tmp-", StringComparison.Ordinal))] : [];

    private void Clear()
    {
        if (Directory.Exists(root["embeddings"])) Directory.Delete(root["embeddings"], recursive: true);
    }

    private static void Tear(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "delete": File.Delete(path); break;
            case "truncate": File.WriteAllBytes(path, bytes[..50]); break;
            default:
                bytes[^5] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
        }
    }

    private sealed class Told : IProgress<DataProgress>
    {
        public List<DataProgress> Reports { get; } = [];

        public void Report(DataProgress value) => Reports.Add(value);
    }
}
