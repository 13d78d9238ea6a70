using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class StudentTTests
{
    // From printed tables of the distribution.
    [Theory]
    [InlineData(0.95, 1, 12.7062)]
    [InlineData(0.95, 2, 4.30265)]
    [InlineData(0.95, 9, 2.26216)]
    [InlineData(0.95, 30, 2.04227)]
    [InlineData(0.99, 9, 3.24984)]
    [InlineData(0.9, 5, 2.01505)]
    [InlineData(0.95, 1e9, 1.95996)]
    public void Should_be_the_printed_quantile_When_degrees_are_whole(double confidence, double degrees, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(confidence, degrees), tolerance: 5e-5);

    [Theory]
    [InlineData(0, 3)]
    [InlineData(0.3, 1)]
    [InlineData(1, 2)]
    [InlineData(2.5, 1)]
    [InlineData(40, 2)]
    public void Should_equal_the_closed_form_When_degrees_are_one_or_two(double t, double degrees)
    {
        var expected = degrees switch
        {
            1 => 1 - (2 / Math.PI * Math.Atan(t)),
            2 => 1 - (t / Math.Sqrt(2 + (t * t))),
            _ => 1,
        };
        Assert.Equal(expected, StudentT.TwoSided(t, degrees), tolerance: 1e-10);
    }

    [Fact]
    public void Should_lie_between_its_neighbours_When_degrees_are_broken() =>
        Assert.InRange(StudentT.Quantile(0.95, 9.4), StudentT.Quantile(0.95, 10), StudentT.Quantile(0.95, 9));

    [Fact]
    public void Should_be_symmetric_and_nothing_at_infinity()
    {
        Assert.Equal(StudentT.TwoSided(1.7, 6.5), StudentT.TwoSided(-1.7, 6.5));
        Assert.Equal(0, StudentT.TwoSided(double.PositiveInfinity, 4));
    }
}
