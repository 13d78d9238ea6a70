using System.Runtime.Versioning;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class TokenBookTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    private string Path => folder.In("tokens.json");

    private TokenBook Book => new(Path, warnings.Add);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_keep_the_hash_alone_for_the_owner_alone_when_a_token_is_made()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var token = Book.Create("ann", ApiRole.Submitter, null, Noon).Text;

        var kept = File.ReadAllText(Path);
        Assert.DoesNotContain(token, kept, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(("ann", ApiRole.Submitter), (Book.Find(token, Noon)!.Name, Book.Find(token, Noon)!.Role));
        Assert.Null(Book.Find(token[..^1] + (token[^1] == '0' ? '1' : '0'), Noon));
        Assert.Null(Book.Find(Assert.Single(Book.All).Hash, Noon));
    }

    [Fact]
    public void Should_know_a_token_no_more_when_another_process_has_revoked_it_or_its_time_is_over()
    {
        var server = Book;
        var ann = server.Create("ann", ApiRole.Admin, null, Noon).Text;
        var bob = Book.Create("bob", ApiRole.Viewer, Noon.AddDays(1), Noon).Text;
        Assert.NotNull(server.Find(ann, Noon));
        Assert.NotNull(server.Find(bob, Noon.AddHours(23)));
        Assert.Null(server.Find(bob, Noon.AddDays(1)));

        Assert.True(Book.Revoke("ann"));

        Assert.Null(server.Find(ann, Noon));
        Assert.False(Book.Revoke("ann"));
        Assert.Equal(["bob"], server.All.Select(token => token.Name));
    }

    [Fact]
    public void Should_refuse_a_name_when_it_is_taken_and_give_it_again_when_its_token_has_expired()
    {
        var first = Book.Create("ann", ApiRole.Admin, Noon.AddHours(1), Noon).Text;

        Assert.Contains("jf token revoke ann", Assert.Throws<ArgumentException>(() => Book.Create("ann", ApiRole.Viewer, null, Noon)).Message, StringComparison.Ordinal);
        var second = Book.Create("ann", ApiRole.Viewer, null, Noon.AddHours(1)).Text;

        Assert.Null(Book.Find(first, Noon));
        Assert.Equal(ApiRole.Viewer, Book.Find(second, Noon.AddHours(1))!.Role);
    }

    [Fact]
    public void Should_lose_no_token_when_many_are_made_at_once()
    {
        var threads = Enumerable.Range(0, 16).Select(i => new Thread(() => Book.Create($"user-{i}", ApiRole.Viewer, null, Noon))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(16, Book.All.Length);
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("[{}]")]
    [InlineData("[null, 3]")]
    [InlineData("\"text\"")]
    public void Should_take_no_token_and_say_so_once_when_the_file_is_no_list(string text)
    {
        var book = Book;
        var token = book.Create("ann", ApiRole.Admin, null, Noon).Text;
        File.WriteAllText(Path, text);

        Assert.Null(book.Find(token, Noon));
        Assert.Null(book.Find(token, Noon));
        Assert.Contains(Path, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Throws<IOException>(() => book.Create("bob", ApiRole.Viewer, null, Noon));
    }

    [Fact]
    public void Should_take_no_token_of_it_when_others_could_have_written_some()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var book = Book;
        var token = book.Create("ann", ApiRole.Admin, null, Noon).Text;
        Assert.NotNull(book.Find(token, Noon));
        File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherWrite);

        Assert.Null(book.Find(token, Noon));
        Assert.Contains($"chmod 600 {Path}", Assert.Single(warnings), StringComparison.Ordinal);
    }
}
