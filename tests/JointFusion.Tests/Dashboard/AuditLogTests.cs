using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public sealed class AuditLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder.In("audit.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_keep_the_newest_eight_files_of_lines_when_it_grows()
    {
        var log = new AuditLog(Path, longest: 1000);
        for (var i = 0; i < 100; i++)
            log.Add(Entry($"run-{i}"));

        var kept = log.Read().Select(entry => entry.On).ToList();

        Assert.Equal(8, Directory.GetFiles(folder.Path, "audit.jsonl*").Length);
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 1300));
        Assert.InRange(kept.Count, 40, 99);
        Assert.Equal(Enumerable.Range(100 - kept.Count, kept.Count).Select(i => $"run-{i}"), kept);
    }

    [Fact]
    public void Should_go_on_on_a_line_of_its_own_when_the_last_one_was_torn()
    {
        new AuditLog(Path).Add(Entry("first"));
        File.AppendAllText(Path, "{\"at\":\"2026-");

        new AuditLog(Path).Add(Entry("second"));

        Assert.Equal(["first", "second"], new AuditLog(Path).Read().Select(entry => entry.On));
    }

    [Fact]
    public void Should_hold_no_token_when_somebody_gives_one_for_a_name()
    {
        var token = AccessToken.Create().Text;

        new AuditLog(Path).Add(Entry($"first/{token}"));

        Assert.DoesNotContain(token, File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Equal("first/(a token)", Assert.Single(new AuditLog(Path).Read()).On);
    }

    [Fact]
    public void Should_warn_once_and_count_what_was_lost_when_the_disk_refuses()
    {
        var warnings = new List<string>();
        var log = new AuditLog(Path, warnings.Add);
        Directory.CreateDirectory(Path); // Nothing can be written there, not even by root.
        log.Add(Entry("one"));
        log.Add(Entry("two"));
        Directory.Delete(Path);
        log.Add(Entry("three"));

        Assert.Contains(Path, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.StartsWith("{\"lost_lines\":2}\n", File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Equal(["three"], log.Read().Select(entry => entry.On));
    }

    [Fact]
    public void Should_interleave_whole_lines_when_several_write_at_once()
    {
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var own = new AuditLog(Path);
            for (var i = 0; i < 25; i++)
                own.Add(Entry($"run-{i}"));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(100, new AuditLog(Path).Read().Count());
    }

    private static AuditEntry Entry(string on) => new(DateTimeOffset.UnixEpoch, "ann", ApiRole.Submitter, "127.0.0.1", "pause", on, "202");
}
