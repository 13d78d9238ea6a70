using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public class ChartTests
{
    [Fact]
    public void Should_map_the_ends_of_the_domain_onto_the_ends_of_the_range()
    {
        var scale = new LinearScale(10, 20, 300, 100);

        Assert.Equal((300, 200, 100), (scale.At(10), scale.At(15), scale.At(20)));
    }

    [Theory]
    [InlineData(0, 10, 5, new[] { 0.0, 2, 4, 6, 8, 10 })]
    [InlineData(-0.3, 0.7, 5, new[] { -0.2, 0, 0.2, 0.4, 0.6 })]
    [InlineData(1, 360, 6, new[] { 100.0, 200, 300 })]
    public void Should_tick_at_round_values_inside_the_domain(double low, double high, int about, double[] expected) =>
        Assert.Equal(expected, new LinearScale(low, high, 0, 1).Ticks(about));

    [Fact]
    public void Should_draw_a_known_series_at_known_pixels()
    {
        var path = Curves.Path([new(0, 0), new(5, 10), new(10, 2.5)], new LinearScale(0, 10, 0, 100), new LinearScale(0, 10, 50, 0));

        Assert.Equal("M0,50L50,0L100,37.5", path);
    }

    [Fact]
    public void Should_place_loss_lines_and_axes_inside_the_chart()
    {
        var chart = new StepChart([new StepSeries("early", "early", [new(1, 4), new(11, 2)])], [new StageMark("adaptation", 1)], totalSteps: 21);

        // x from 44 at step 1 to 708 at step 21; y from 270 at 0 to 14 at 4.
        Assert.Equal("M44,14L376,142", chart.Lines[0].Raw);
        Assert.Equal((44, 376, 708), (chart.X.At(1), chart.X.At(11), chart.X.At(21)));
    }

    [Fact]
    public void Should_put_a_stages_name_below_when_it_would_run_into_the_one_before()
    {
        StageMark[] stages = [new("adaptation", 1), new("instruction", 101), new("annealing", 1000), new("last", 1020)];
        var placed = new StepChart([], stages, totalSteps: 1300).Stages;

        Assert.Equal([0, 1, 0, 1], placed.Select(stage => (int)Math.Round((stage.NameY - placed[0].NameY) / 13)));
        Assert.Equal(["adaptation", "instruction", "annealing", "last"], placed.Select(stage => stage.Name));
    }

    [Fact]
    public void Should_draw_an_empty_chart_when_no_step_was_taken()
    {
        var chart = new StepChart([new StepSeries("early", "early", [])], [], totalSteps: 0);

        Assert.Equal("", chart.Lines[0].Raw);
        Assert.Null(chart.Lines[0].Last);
    }

    [Fact]
    public void Should_leave_out_losses_that_are_not_finite()
    {
        var chart = new StepChart([new StepSeries("early", "early", [new(1, 4), new(2, double.NaN), new(3, double.PositiveInfinity)])], [], totalSteps: 3);

        Assert.Equal("M44,14", chart.Lines[0].Raw);
    }

    [Fact]
    public void Should_put_forest_markers_and_intervals_on_one_scale_around_zero()
    {
        var plot = new ForestPlot([new ForestGroup("7 · add", [new ForestEntry("early − score", "score", 10, 5, 15)])]);

        var mark = Assert.Single(Assert.Single(plot.Rows).Marks);
        // Nothing is below zero: zero is where the labels end.
        Assert.Equal(185, plot.X.At(0));
        Assert.Equal((plot.X.At(5), plot.X.At(10), plot.X.At(15)), (mark.Low, mark.X, mark.High));
        Assert.True(mark.Y > plot.PlotTop && mark.Y < plot.PlotBottom);
    }

    [Fact]
    public void Should_start_a_moving_average_at_the_first_value_and_not_below()
    {
        var smooth = Curves.Smooth([new(1, 6), new(2, 6), new(3, 6)], memory: 10);

        Assert.All(smooth, point => Assert.Equal(6, point.Y, 12));
    }

    [Fact]
    public void Should_keep_ends_and_peaks_when_thinning_a_curve()
    {
        var points = Enumerable.Range(1, 10_000).Select(i => new CurvePoint(i, i == 7_777 ? 50 : Math.Sin(i))).ToArray();

        var kept = Curves.Downsample(points, 1000);

        Assert.Equal(1000, kept.Length);
        Assert.Equal((points[0], points[^1]), (kept[0], kept[^1]));
        Assert.Contains(new CurvePoint(7_777, 50), kept);
        Assert.Equal(kept.Select(point => point.X).Order(), kept.Select(point => point.X));
    }

    [Fact]
    public void Should_keep_a_short_curve_as_it_is()
    {
        CurvePoint[] points = [new(1, 3), new(2, 2), new(3, 1)];

        Assert.Equal(points, Curves.Downsample(points, 1000));
    }
}
