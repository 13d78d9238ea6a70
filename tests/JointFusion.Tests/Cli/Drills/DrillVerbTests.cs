using Xunit;

namespace JointFusion.Tests;

public sealed class DrillVerbTests
{
    [Fact]
    public async Task Should_ListEveryFault_When_Asked()
    {
        using var cli = new CliRun();
        Assert.Equal(0, await cli.Jf("drill", "--list"));
        Assert.Equal(
            ["kill-worker", "kill-agent", "kill-coordinator", "freeze-worker", "cut-links", "fill-disk", "corrupt-checkpoint"],
            cli.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Should_NameThoseThereAre_When_ADrillIsUnknown()
    {
        using var cli = new CliRun();
        Assert.Equal(2, await cli.Jf("drill", "kill-worker", "burn-worker"));
        Assert.StartsWith("\"burn-worker\": there is no such drill; there are kill-worker, ", cli.Error, StringComparison.Ordinal);
    }
}
