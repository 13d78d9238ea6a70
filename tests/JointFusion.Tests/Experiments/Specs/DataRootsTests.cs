using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class DataRootsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-roots-");
    private readonly string root, second, outside;

    public DataRootsTests()
    {
        root = Directory.CreateDirectory(Path.Combine(folder.FullName, "root", "set")).Parent!.FullName;
        second = Directory.CreateDirectory(Path.Combine(folder.FullName, "second", "other")).Parent!.FullName;
        outside = Directory.CreateDirectory(Path.Combine(folder.FullName, "outside")).FullName;
    }

    private DataRoots Roots => new([root, second]);

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Should_find_a_folder_when_it_is_below_a_root()
    {
        Assert.Equal((Path.Combine(root, "set"), null), Roots.Resolve("set"));
        Assert.Equal((Path.Combine(second, "other"), null), Roots.Resolve("other"));
        Assert.Equal((Path.Combine(second, "other"), null), Roots.Resolve(Path.Combine(second, "other")));
        Assert.Equal((root, null), Roots.Resolve(root));
        Assert.Equal((Path.Combine(root, "nowhere"), null), Roots.Resolve("nowhere")); // That it is missing is for the data set's reader to say.
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("set/../../outside")]
    [InlineData("set/..")]
    [InlineData("..\\outside")]
    public void Should_name_the_dots_when_a_path_leads_upwards(string written)
    {
        var fault = Roots.Resolve(written).Fault;
        Assert.Contains(written, fault, StringComparison.Ordinal);
        Assert.Contains("upwards", fault, StringComparison.Ordinal);
        Assert.Contains(root, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_by_name_when_an_absolute_path_is_outside()
    {
        Assert.Contains(outside, Roots.Resolve(outside).Fault, StringComparison.Ordinal);
        Assert.NotNull(Roots.Resolve("/etc").Fault);
        Assert.NotNull(Roots.Resolve(root + "-beside").Fault);
        Assert.NotNull(Roots.Resolve("a\0b").Fault);
    }

    [Fact]
    public void Should_refuse_when_a_link_leads_outside_and_follow_it_when_it_does_not()
    {
        Directory.CreateSymbolicLink(Path.Combine(root, "leak"), outside);
        Directory.CreateSymbolicLink(Path.Combine(root, "relative"), "../outside");
        Directory.CreateSymbolicLink(Path.Combine(root, "inside"), Path.Combine(second, "other"));
        Directory.CreateSymbolicLink(Path.Combine(root, "loop"), Path.Combine(root, "loop"));
        Directory.CreateDirectory(Path.Combine(outside, "deep"));

        Assert.Contains("by a link", Roots.Resolve("leak").Fault, StringComparison.Ordinal);
        Assert.Contains("by a link", Roots.Resolve("leak/deep").Fault, StringComparison.Ordinal);
        Assert.Contains("by a link", Roots.Resolve("relative").Fault, StringComparison.Ordinal);
        Assert.Contains("by a link", Roots.Resolve("loop").Fault, StringComparison.Ordinal);
        Assert.Equal((Path.Combine(second, "other"), null), Roots.Resolve("inside"));
    }

    [Fact]
    public void Should_accept_when_the_root_itself_is_a_link()
    {
        var linked = Path.Combine(folder.FullName, "linked");
        Directory.CreateSymbolicLink(linked, root);

        Assert.Equal((Path.Combine(root, "set"), null), new DataRoots([linked]).Resolve("set"));
    }

    [Fact]
    public void Should_tell_line_and_key_when_a_spec_of_somebody_else_reads_outside()
    {
        var text = SpecTexts.With("data: { source: icons, image_size: 32 }", "data: { source: mbeir, root: /etc, image_size: 32 }");

        var fault = Assert.Single(SpecLoader.Parse(text, "theirs.yaml", Roots).Faults);

        Assert.StartsWith("theirs.yaml:3:", fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(": data.root: \"/etc\" is outside", fault.ToString(), StringComparison.Ordinal);
    }
}
