using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class HolmTests
{
    [Fact]
    public void Should_multiply_by_what_is_left_When_p_values_rise()
    {
        // Worked by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 raised to the one before it.
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]), Near);
    }

    [Fact]
    public void Should_stay_at_one_When_p_values_are_large() => Assert.Equal([1, 1, 0.3], Holm.Adjust([0.9, 0.6, 0.1]), Near);

    [Fact]
    public void Should_leave_a_single_one_as_it_is() => Assert.Equal([0.04], Holm.Adjust([0.04]));

    [Fact]
    public void Should_be_empty_When_there_is_none() => Assert.Empty(Holm.Adjust([]));

    private static bool Near(double one, double other) => Math.Abs(one - other) < 1e-12;
}
