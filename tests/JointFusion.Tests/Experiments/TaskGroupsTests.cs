using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class TaskGroupsTests
{
    [Fact]
    public void Should_be_the_shipped_file_When_none_is_given() =>
        Assert.Equal(Names(TaskGroupsLoader.Load(Repository.In("experiments", TaskGroups.FileName))), Names(TaskGroupsLoader.Default));

    [Theory]
    [InlineData(7, "toggle", GroupClaim.Control)]
    [InlineData(7, "add", GroupClaim.FusionHelps)]
    [InlineData(6, "which-base", GroupClaim.FusionHelps)]
    [InlineData(4, "redrawn", GroupClaim.NoDifference)]
    [InlineData(1, "keywords", GroupClaim.NoDifference)]
    public void Should_belong_to_the_first_group_that_names_it(int task, string operation, GroupClaim expected) =>
        Assert.Equal(expected, TaskGroupsLoader.Default.Of(task, operation)!.Claim);

    [Fact]
    public void Should_hold_the_papers_five_without_rows_as_their_members_are_unknown() => Assert.Equal(
        ["single-modal", "cross-modal", "mixed-modal", "multi-modal", "conditional"],
        TaskGroupsLoader.Default.Paper.Where(group => group.Rows.IsEmpty).Select(group => group.Name));

    [Fact]
    public void Should_be_in_no_group_When_none_names_it() =>
        Assert.Null(TaskGroupsLoader.Parse("{ margin: 0.02, groups: [{ name: a, rows: [{ task: 7, operations: [add] }] }] }", "g").Of(7, "remove"));

    [Fact]
    public void Should_list_every_fault_with_its_place_When_the_file_is_wrong()
    {
        const string text = """
            margin: 3
            groups:
              - { name: a, claim: fusion_help, rows: [{ task: 5 }] }
              - { name: a, rows: [] }
            """;
        var error = Assert.Throws<InvalidDataException>(() => TaskGroupsLoader.Parse(text, "mine.yaml"));
        Assert.Equal(
            [
                "mine.yaml:1:9: margin: 3 is not allowed; between 0 and 1, such as 0.03 for three points of recall",
                "mine.yaml:3:23: groups[0].claim",
                "mine.yaml:3:51: groups[0].rows[0].task: 5 is not a task",
                "mine.yaml:4:13: groups[1].name: 'a' is the name of another group too",
            ],
            error.Message.Split(Environment.NewLine).Select((line, i) => i is 1 or 2 ? line[..Math.Min(line.Length, i == 1 ? 31 : 55)] : line));
    }

    private static IEnumerable<(string, GroupClaim, int)> Names(TaskGroups groups) => groups.Groups.Select(group => (group.Name, group.Claim, group.Rows.Length));
}
