using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class RotatingLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_keep_the_newest_lines_within_twice_its_length_when_much_is_written_over_several_lives()
    {
        var path = folder.In("logs", "worker-0.log");
        for (var life = 0; life < 10; life++)
        {
            using var log = new RotatingLog(path, longest: 1000);
            for (var line = 0; line < 100; line++)
                log.WriteLine($"line {life * 100 + line:D4}");
        }

        var kept = File.ReadLines(path + ".1").Concat(File.ReadLines(path)).ToList();
        Assert.Equal(Enumerable.Range(1000 - kept.Count, kept.Count).Select(line => $"line {line:D4}"), kept);
        Assert.InRange(kept.Count, 100, 202);
        Assert.Equal(2, Directory.GetFiles(folder.In("logs")).Length);
    }
}
