using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class LogTailTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private RunFolder Run => new(folder.In("early"));

    private string Log => Path.Combine(Directory.CreateDirectory(Run.Logs).FullName, "rank-1.log");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_read_whole_lines_as_they_come()
    {
        var tail = new LogTail(Run, 1);
        Assert.False(tail.Read());
        File.WriteAllText(Log, "one\ntwo\nthr");
        Assert.True(tail.Read());
        Assert.False(tail.Read());
        File.AppendAllText(Log, "ee\n");
        Assert.True(tail.Read());

        Assert.Equal([(0, "one"), (1, "two"), (2, "three")], tail.Lines);
        Assert.Equal([1], LogTail.RanksOf(Run));
    }

    [Fact]
    public void Should_show_the_end_when_a_log_is_long()
    {
        File.WriteAllLines(Log, Enumerable.Range(1, 50_000).Select(i => $"line {i}"));
        var tail = new LogTail(Run, 1);

        tail.Read();

        Assert.Equal((LogTail.MostLines, "line 50000"), (tail.Lines.Length, tail.Lines[^1].Text));
    }
}
