using JointFusion.Cli;
using JointFusion.Dashboard;
using Spectre.Console;
using Xunit;

namespace JointFusion.Tests;

/// <summary>How much of a list a terminal gets, and everything else.</summary>
public sealed class ListingTests
{
    [Theory]
    [InlineData(24, "short")]
    [InlineData(24, "a reason so long that its line of the table is broken again and again, which takes room on the screen that other entries have not then, a reason so long that its line is broken")]
    [InlineData(10, "short")]
    public void Should_print_one_screen_with_how_many_are_left_when_a_table_is_longer(int screen, string reason)
    {
        using var cli = new CliRun { Screen = screen };

        new Listing(cli.Context, all: false).Write(Numbers(500), "numbers", shown => [new Text("above"), Table(shown, reason), new Text("below")]);

        var lines = Lines(cli.Out);
        var shown = lines.Count(line => line.TrimStart().StartsWith('#'));
        Assert.InRange(lines.Length, 1, screen - 1); // The prompt takes one.
        Assert.Equal(("above", "below", $"{500 - shown} more numbers: --all shows them too."), (lines[0], lines[^2], lines[^1]));
        Assert.True(shown >= 1);
        if (reason == "short")
            Assert.Equal(screen - 1, lines.Length); // As many as fit.
    }

    [Fact]
    public void Should_leave_room_for_what_follows_and_say_who_prints_all()
    {
        using var cli = new CliRun { Screen = 10 };

        new Listing(cli.Context, all: false) { Below = 3, Whole = "jf report x --all" }.WriteLines(Numbers(30), "numbers", number => [$"#{number}"]);

        Assert.Equal(["#0", "#1", "#2", "#3", "#4", "25 more numbers: jf report x --all shows them too."], Lines(cli.Out));
    }

    [Fact]
    public void Should_print_at_least_one_entry_when_the_terminal_has_room_for_none()
    {
        using var cli = new CliRun { Screen = 2 };

        new Listing(cli.Context, all: false).WriteLines(Numbers(3), "numbers", number => [$"#{number}"], "below");

        Assert.Equal(["#0", "2 more numbers: --all shows them too.", "below"], Lines(cli.Out));
    }

    [Theory]
    [InlineData(true, 24)]
    [InlineData(false, null)]
    public void Should_print_all_when_that_is_asked_for_or_nobody_looks(bool all, int? screen)
    {
        using var cli = new CliRun { Screen = screen };

        new Listing(cli.Context, all).Write(Numbers(500), "numbers", shown => [Table(shown, "")]);
        new Listing(cli.Context, all).WriteLines(Numbers(500), "numbers", number => [$"line {number}"]);

        Assert.Equal((500, 500, false), (Lines(cli.Out).Count(line => line.TrimStart().StartsWith('#')), Lines(cli.Out).Count(line => line.StartsWith("line ", StringComparison.Ordinal)), cli.Out.Contains("more numbers")));
    }

    [Theory]
    [InlineData(8, 8)] // With the line below and the prompt: all ten of the screen.
    [InlineData(9, 7)]
    public void Should_leave_none_out_when_all_just_fit(int entries, int shown)
    {
        using var cli = new CliRun { Screen = 10 };

        new Listing(cli.Context, all: false).WriteLines(Numbers(entries), "numbers", number => [$"#{number}"], "below");

        Assert.Equal(
            [.. Numbers(shown).Select(number => $"#{number}"), .. shown < entries ? (string[])[$"{entries - shown} more numbers: --all shows them too."] : [], "below"],
            Lines(cli.Out));
    }

    [Fact]
    public void Should_count_lines_that_the_terminal_breaks_when_they_are_wider()
    {
        using var cli = new CliRun { Screen = 10 };

        new Listing(cli.Context, all: false).WriteLines(Numbers(9), "numbers", number => [new string('x', 181)]); // Two lines of 180 each.

        Assert.Equal((4, "5 more numbers: --all shows them too."), (Lines(cli.Out).Length - 1, Lines(cli.Out)[^1]));
    }

    [Fact]
    public async Task Should_print_the_latest_when_lines_come_in_time()
    {
        using var cli = new CliRun { Screen = 5 };

        await new Listing(cli.Context, all: false).WriteLatestAsync(Numbers(100).Select(number => $"#{number}").ToAsyncEnumerable());
        await new Listing(cli.Context, all: true).WriteLatestAsync(Numbers(2).Select(number => $"all {number}").ToAsyncEnumerable());

        Assert.Equal(["97 earlier lines: --all shows them too.", "#97", "#98", "#99", "all 0", "all 1"], Lines(cli.Out));
    }

    [Fact]
    public void Should_show_what_is_under_way_and_then_the_newest_when_there_are_many()
    {
        using var cli = new CliRun { Screen = 24 };

        StatusView.Write(new Listing(cli.Context, all: false), [.. Numbers(300).Select(number => new ExperimentInfo($"x{number}", number == 7 ? "running" : "succeeded", "/x", null, null, []))]);

        Assert.Equal(["x7", "x299", "x298"], Lines(cli.Out).Select(line => line.Trim().Split(' ')[0]).Where(name => name.StartsWith('x')).Take(3));
        Assert.EndsWith(" more experiments: --all shows them too.", Lines(cli.Out)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_print_one_screen_of_tokens_and_audit_and_all_as_json_when_there_are_hundreds()
    {
        var root = Directory.CreateTempSubdirectory("jf-root-").FullName;
        new TokenList([.. Numbers(200).Select(number => new NamedToken($"t{number:000}", ApiRole.Viewer, $"hash{number}", Samples.Noon, number == 199 ? null : Samples.Noon))]).Write(Path.Combine(root, "tokens.json"));
        var audit = new AuditLog(Path.Combine(root, "audit.jsonl"), _ => { });
        foreach (var number in Numbers(60))
            audit.Add(new AuditEntry(Samples.Noon.AddSeconds(number), "ann", null, null, "pause", $"run{number:00}", "done"));

        var tokens = await PrintedAsync("token", "ls", "--root", root);
        var log = await PrintedAsync("audit", "--root", root);
        var last = await PrintedAsync("audit", "--root", root, "--last", "3");
        var json = await PrintedAsync("token", "ls", "--json", "--root", root);
        var entries = await PrintedAsync("audit", "--json", "--root", root);

        Assert.Equal((23, true), (Lines(tokens).Length, tokens.Contains("t199", StringComparison.Ordinal))); // The one that is good for something.
        Assert.Equal((23, true, false), (Lines(log).Length, log.Contains("run59", StringComparison.Ordinal), log.Contains("run00", StringComparison.Ordinal)));
        Assert.Equal((false, true, false), (last.Contains("run56", StringComparison.Ordinal), last.Contains("run57", StringComparison.Ordinal), last.Contains("more", StringComparison.Ordinal)));
        var rows = System.Text.Json.JsonDocument.Parse(json).RootElement.EnumerateArray().ToArray();
        Assert.Equal((200, "t199", "viewer", true, false), (rows.Length, rows[0].GetProperty("name").GetString(), rows[0].GetProperty("role").GetString(), rows[0].GetProperty("valid").GetBoolean(), rows[1].GetProperty("valid").GetBoolean()));
        Assert.DoesNotContain("hash", json, StringComparison.Ordinal);
        Assert.Equal(60, Lines(entries).Length);
    }

    private static async Task<string> PrintedAsync(params string[] arguments)
    {
        using var cli = new CliRun { Screen = 24 };
        Assert.Equal(ExitCode.Ok, await cli.Jf(arguments));
        return cli.Out;
    }

    private static int[] Numbers(int count) => [.. Enumerable.Range(0, count)];

    private static Table Table(IReadOnlyList<int> numbers, string reason)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Number", "Reason");
        foreach (var number in numbers)
            table.AddRow($"#{number}", reason);
        return table;
    }

    /// <summary>As the terminal shows them: those between that are empty count.</summary>
    private static string[] Lines(string printed) => [.. printed.Split('\n')[..^1].Select(line => line.TrimEnd())];
}
