using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The table of CONTRIBUTING.md, held to the project files.</summary>
public sealed class ProjectReferencesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Experiments"] = [],
        ["Data"] = ["Experiments"],
        ["Retrieval"] = ["Experiments", "Data"],
        ["Training"] = ["Experiments", "Data", "Retrieval"],
        ["Orchestration"] = ["Experiments"],
        ["Dashboard"] = ["Experiments", "Data", "Orchestration"],
        ["Cli"] = ["Experiments", "Data", "Retrieval", "Training", "Orchestration", "Dashboard"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Should_list_every_project_when_one_is_added() =>
        Assert.Equal(
            Allowed.Keys.Order(),
            Directory.GetDirectories(Repository.In("src")).Select(folder => Path.GetFileName(folder).Replace("JointFusion.", "")).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Should_reference_exactly_what_the_design_allows(string project)
    {
        var referenced = Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path).Replace("JointFusion.", ""));

        Assert.Equal(Allowed[project].Order(), referenced.Order());
    }

    [Theory]
    [InlineData("Experiments")]
    [InlineData("Data")]
    [InlineData("Orchestration")]
    [InlineData("Dashboard")]
    public void Should_know_no_tensors_when_a_project_is_not_about_them(string project)
    {
        Assert.DoesNotContain(Items(project, "PackageReference"), IsTorch);
        Assert.DoesNotContain(Assembly.Load($"JointFusion.{project}").GetReferencedAssemblies(), name => IsTorch(name.Name!));
        Assert.DoesNotContain("UsesLibTorch", File.ReadAllText(ProjectFile(project)));
    }

    [Theory]
    [InlineData("Experiments")]
    [InlineData("Data")]
    [InlineData("Retrieval")]
    [InlineData("Training")]
    public void Should_know_no_actors_when_a_project_computes(string project)
    {
        Assert.DoesNotContain(Items(project, "PackageReference"), IsAkka);
        Assert.DoesNotContain(Assembly.Load($"JointFusion.{project}").GetReferencedAssemblies(), name => IsAkka(name.Name!));
    }

    private static bool IsTorch(string name) => name.Contains("torch", StringComparison.OrdinalIgnoreCase);

    private static bool IsAkka(string name) => name.StartsWith("Akka", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(ProjectFile(project)).Descendants(kind).Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'));

    private static string ProjectFile(string project) => Repository.In("src", $"JointFusion.{project}", $"JointFusion.{project}.csproj");
}
