using System.Security.Cryptography;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class NpmArchivesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_need_no_npm_When_the_archive_was_put_there_by_hand()
    {
        var package = Package("@scope/some-thing", "content"u8);
        File.WriteAllBytes(folder.In(package.Archive), "content"u8.ToArray());
        Assert.Equal("scope-some-thing-1.2.3.tgz", package.Archive);
        Assert.Equal(folder.In(package.Archive), new NpmArchives(folder.Path, "no-such-npm").Ensure(package));
    }

    [Fact]
    public void Should_say_how_to_get_it_When_there_is_no_npm()
    {
        var package = Package("thing", "content"u8);
        var error = Assert.Throws<DataException>(() => new NpmArchives(folder.Path, "no-such-npm").Ensure(package));
        Assert.StartsWith("no-such-npm cannot be started", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install Node.js with npm", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.In("thing-1.2.3.tgz"), error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Should_not_use_it_When_the_registry_serves_other_content()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The stand-in for npm is a shell script.");
            return;
        }
        var npm = folder.In("npm");
        File.WriteAllText(npm, "#!/bin/sh\nprintf other > \"$4/thing-1.2.3.tgz\"\n");
        File.SetUnixFileMode(npm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var archives = folder.In("archives");
        var error = Assert.Throws<DataException>(() => new NpmArchives(archives, npm).Ensure(Package("thing", "content"u8)));
        Assert.Contains("served another archive", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(archives));

        Assert.Equal("other", File.ReadAllText(new NpmArchives(archives, npm).Ensure(Package("thing", "other"u8))));
    }

    [Fact]
    public void Should_tell_npms_own_words_When_it_fails()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The stand-in for npm is a shell script.");
            return;
        }
        var npm = folder.In("npm");
        File.WriteAllText(npm, "#!/bin/sh\necho E404 no such package >&2\nexit 1\n");
        File.SetUnixFileMode(npm, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var error = Assert.Throws<DataException>(() => new NpmArchives(folder.In("archives"), npm).Ensure(Package("thing", "content"u8)));
        Assert.StartsWith("npm pack thing@1.2.3 failed: E404 no such package", error.Message, StringComparison.Ordinal);
    }

    private static NpmPackage Package(string name, ReadOnlySpan<byte> content) => new(name, "1.2.3", Convert.ToBase64String(SHA512.HashData(content)));
}
