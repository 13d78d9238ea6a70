using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public class ClusterMapTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData("training", "one/early", false, false, SlotCondition.Busy)]
    [InlineData("idle", null, false, false, SlotCondition.Idle)]
    [InlineData("starting", null, false, false, SlotCondition.Starting)]
    [InlineData("quarantined", null, false, false, SlotCondition.Quarantined)]
    [InlineData("quarantined", null, true, false, SlotCondition.Quarantined)]
    [InlineData("idle", null, true, false, SlotCondition.Drained)]
    [InlineData("training", "one/early", true, false, SlotCondition.Busy)]
    [InlineData("training", "one/early", false, true, SlotCondition.Lost)]
    public void Should_say_what_a_slot_is_good_for(string phase, string? run, bool isDraining, bool isLost, SlotCondition expected)
    {
        var worker = new LiveWorker(0, 1, run, run is null ? null : 0, phase, "");

        Assert.Equal(expected, SlotConditions.Of(new LiveNode("a", [worker], [], isDraining, IsLost: isLost), worker));
    }

    [Fact]
    public void Should_show_a_node_as_lost_when_it_is_gone_and_forget_it_in_the_end()
    {
        var memory = new NodeMemory();
        memory.Look([Node("a"), Node("b")], Start);

        var lost = memory.Look([Node("b")], Start.AddSeconds(5));
        var back = memory.Look([Node("a"), Node("b")], Start.AddSeconds(9));
        memory.Look([Node("b")], Start.AddSeconds(10));
        var forgotten = memory.Look([Node("b")], Start.AddMinutes(31));

        Assert.Equal([("a", true), ("b", false)], lost.Select(node => (node.Name, node.IsLost)));
        Assert.Equal(Start, lost[0].HeardAt);
        Assert.Equal([("a", false, Start.AddSeconds(9)), ("b", false, Start)], back.Select(node => (node.Name, node.IsLost, node.HeardAt!.Value)));
        Assert.Equal(["b"], forgotten.Select(node => node.Name));
    }

    [Fact]
    public void Should_know_when_a_node_was_heard_by_what_it_says_of_its_machine()
    {
        var memory = new NodeMemory();
        var vitals = new LiveVitals(1, 2, 3, 4, Start);
        memory.Look([Node("a") with { Vitals = vitals }], Start);

        var same = memory.Look([Node("a") with { Vitals = vitals }], Start.AddSeconds(3));
        var later = memory.Look([Node("a") with { Vitals = vitals with { At = Start.AddSeconds(4) } }], Start.AddSeconds(5));

        Assert.Equal((Start, Start.AddSeconds(5)), (same[0].HeardAt, later[0].HeardAt));
    }

    [Fact]
    public void Should_read_load_and_memory_of_linux()
    {
        var vitals = NodeVitals.Parse("6.25 3.1 2.0 2/700 12345\n", "MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    400 kB\n", 8, Start);

        Assert.Equal(new NodeVitals(6.25, 8, 600 * 1024, 1000 * 1024, Start), vitals);
        Assert.Null(NodeVitals.Parse("", "MemTotal: 1000 kB\n", 8, Start));
    }

    [Fact]
    public void Should_take_the_hottest_sensor_of_the_cpus_when_there_are_several_chips()
    {
        using var folder = new TemporaryFolder();
        folder.Write("hwmon0/name", "nvme");
        folder.Write("hwmon0/temp1_input", "93000");
        folder.Write("hwmon1/name", "k10temp");
        folder.Write("hwmon1/temp1_input", "61500");
        folder.Write("hwmon1/temp3_input", "64250");
        folder.Write("hwmon1/temp2_input", "1000000"); // Broken.
        folder.Write("hwmon1/temp1_crit", "95000");

        Assert.Equal(64.25, Thermometers.HottestCelsius(folder.Path));
        folder.Write("hwmon1/name", "battery");
        Assert.Null(Thermometers.HottestCelsius(folder.Path));
        Assert.Null(Thermometers.HottestCelsius(folder.In("none")));
    }

    [Fact]
    public void Should_list_a_temperature_only_where_a_node_tells_one()
    {
        var vitals = new LiveVitals(1, 2, 3, 4, Start);
        using var warm = new CliRun();
        using var silent = new CliRun();

        StatusView.Write(new Listing(warm.Context, all: false), [Node("a") with { Vitals = vitals with { Celsius = 64.25 } }, Node("b")]);
        StatusView.Write(new Listing(silent.Context, all: false), [Node("a") with { Vitals = vitals }]);

        Assert.Contains("64 °C", warm.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("CPU", silent.Out, StringComparison.Ordinal);
    }

    private static LiveNode Node(string name) => new(name, [new LiveWorker(0, 1, null, null, "idle", "")], []);
}
