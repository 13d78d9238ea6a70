using System.Runtime.Versioning;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class TokenFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("jointfusion-state-");

    public TokenFileTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");

    private string Folder => Path.Combine(root.FullName, "deep", "state");

    private string Token => Directory.GetFiles(Folder).Single();

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void Should_make_one_token_that_only_the_owner_can_read_when_many_ask_at_once()
    {
        var tokens = new string[16];
        var threads = tokens.Select((_, i) => new Thread(() => tokens[i] = TokenFile.Open(Folder).Text)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(48, Assert.Single(tokens.Distinct()).Length);
        Assert.Equal(tokens[0], TokenFile.Open(Folder).Text);
        Assert.Equal(Owner, File.GetUnixFileMode(Token));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123")]
    public void Should_make_another_when_what_is_there_is_no_whole_token(string left)
    {
        TokenFile.Open(Folder);
        File.WriteAllText(Token, left);

        var made = TokenFile.Open(Folder);

        Assert.Equal(made.Text, File.ReadAllText(Token));
    }

    [Fact]
    public void Should_make_another_when_others_could_read_the_first()
    {
        var first = TokenFile.Open(Folder);
        File.SetUnixFileMode(Token, Owner | UnixFileMode.OtherRead);

        Assert.NotEqual(first.Text, TokenFile.Open(Folder).Text);
        Assert.Equal(Owner, File.GetUnixFileMode(Token));
    }

    [Fact]
    public void Should_refuse_a_folder_when_others_can_write_there()
    {
        TokenFile.Open(Folder);
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.GroupWrite);

        var fault = Assert.Throws<IOException>(() => TokenFile.Open(Folder));

        Assert.Contains($"chmod 700 {Folder}", fault.Message, StringComparison.Ordinal);
    }
}
