using System.Collections.Immutable;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class DerivedFolderTests : IDisposable, IProgress<DataProgress>
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> said = [];
    private int built;

    public void Dispose() => folder.Dispose();

    void IProgress<DataProgress>.Report(DataProgress value) => said.Add(value.Phase);

    [Fact]
    public void Should_build_once_When_asked_twice()
    {
        Ensure();
        Ensure();
        Assert.Equal(1, built);
        Assert.Empty(said);
        Assert.Equal(["set"], Entries());
    }

    [Theory]
    [InlineData("manifest.json", null, "manifest.json is missing")]
    [InlineData("file.txt", null, "file.txt is missing")]
    [InlineData("file.txt", "short", "file.txt has 5 bytes instead of 8")]
    [InlineData("manifest.json", "{", "not a manifest")]
    public void Should_build_again_and_say_why_When_the_folder_is_torn(string file, string? content, string reason)
    {
        Ensure();
        if (content is null) File.Delete(folder.In("set", file));
        else File.WriteAllText(folder.In("set", file), content);

        Ensure();
        Assert.Equal(2, built);
        Assert.Contains(reason, Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal("contents", File.ReadAllText(folder.In("set", "file.txt")));
        Assert.Equal(["set"], Entries());
    }

    [Fact]
    public void Should_look_at_no_other_file_When_the_manifest_is_trusted()
    {
        Ensure();
        File.Delete(folder.In("set", "file.txt"));

        Ensure(trusted: true);
        Assert.Equal(1, built);
        Ensure();
        Assert.Equal(2, built);
    }

    [Fact]
    public void Should_refuse_to_delete_When_the_user_chose_the_folder()
    {
        folder.Write("set/thesis.txt", "years of work");
        var error = Assert.Throws<DataException>(() => Ensure(replaceable: false));
        Assert.Contains("manifest.json is missing", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.In("set", "thesis.txt")));
        Assert.Equal(0, built);
    }

    [Fact]
    public void Should_keep_the_winners_copy_When_another_process_finishes_first()
    {
        Ensure(whileBuilding: () => Ensure());
        Assert.Equal(2, built);
        Assert.Equal(["set"], Entries());
        Assert.Equal("1", File.ReadAllText(folder.In("set", "who.txt")));
    }

    [Fact]
    public void Should_leave_nothing_When_building_is_broken_off()
    {
        Assert.Throws<OperationCanceledException>(() => Ensure(whileBuilding: () => throw new OperationCanceledException()));
        Assert.Empty(Entries());
    }

    private void Ensure(bool replaceable = true, Action? whileBuilding = null, bool trusted = false) =>
        new DerivedFolder(new MbeirLayout(folder.In("set")), replaceable).Ensure(layout => Build(layout, whileBuilding), this, trusted);

    private DataManifest Build(MbeirLayout layout, Action? whileBuilding)
    {
        whileBuilding?.Invoke();
        built++;
        File.WriteAllText(Path.Combine(layout.Root, "file.txt"), "contents");
        File.WriteAllText(Path.Combine(layout.Root, "who.txt"), $"{built}");
        return new DataManifest
        {
            Name = "set",
            Builder = "test",
            Source = "test",
            Notes = [],
            HeldOutWords = [],
            VocabularySize = 256,
            TrainQueries = ImmutableSortedDictionary<int, int>.Empty,
            HardNegatives = ImmutableSortedDictionary<int, int>.Empty,
            Splits = [],
            Files = ManifestFile.Of(layout, null, CancellationToken.None),
        };
    }

    private IEnumerable<string?> Entries() => Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName);
}
