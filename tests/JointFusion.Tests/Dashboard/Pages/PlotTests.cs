using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public class PlotTests
{
    [Fact]
    public void Should_draw_a_known_line_at_known_pixels()
    {
        var plot = new Plot("Temperature", "", [new PlotSeries("early", "c", [new(1, 0), new(11, 4)])], [], totalSteps: 21);

        // x from 46 at step 1 to 408 at step 21; y from 168 at 0 to 10 at 4.
        Assert.Equal("M46,168L227,10", plot.Lines[0].Main);
        Assert.Equal(new CurvePoint(11, 4), plot.Lines[0].Last);
    }

    [Theory]
    [InlineData(1e-3, 1e-3)]
    [InlineData(0, 0)]
    [InlineData(-2, -2)]
    [InlineData(1e-12, 3e-12)]
    [InlineData(1e9, 3e9)]
    public void Should_have_all_values_inside_with_room_when_they_are_alike_tiny_or_huge(double first, double second)
    {
        var plot = new Plot("x", "", [new PlotSeries("early", "c", [new(1, first), new(2, second)])], [], 2);

        Assert.All((double[])[first, second], value => Assert.InRange(plot.Y.At(value), plot.PlotTop, plot.PlotBottom));
        Assert.InRange(plot.Y.Ticks(4).Length, 2, 10);
    }

    [Fact]
    public void Should_lay_layers_on_each_other_and_tell_their_heights()
    {
        var plot = new Plot(
            "Time", "s",
            [
                new PlotSeries("data", "p", [new(1, 1), new(3, 1)], PlotStyle.Stacked),
                new PlotSeries("forward", "p", [new(1, 2), new(3, 3)], PlotStyle.Stacked),
            ],
            [], 3);

        Assert.Equal([1, 3], plot.Lines.Select(line => line.Last!.Value.Y));
        Assert.Equal((0, 4), (plot.Y.DomainLow, plot.Y.DomainHigh));
        // Up to 3 and 4, back along the first layer at 1.
        Assert.Equal("M46,49.5L408,10L408,128.5L46,128.5Z", plot.Lines[1].Main);
    }

    [Fact]
    public void Should_draw_no_more_points_than_there_are_pixels_for()
    {
        var plot = new Plot("x", "", [new PlotSeries("early", "c", [.. Enumerable.Range(1, 4000).Select(i => new CurvePoint(i, i % 7))], PlotStyle.Noisy)], [], 4000);

        Assert.All((string[])[plot.Lines[0].Main, plot.Lines[0].Raw!], path => Assert.Equal(240, path.Count(letter => letter is 'M' or 'L')));
    }

    [Fact]
    public void Should_chart_every_figure_of_a_run_and_leave_gaps_where_there_is_none()
    {
        var run = new FixtureRun("early", Fusion.Early);
        var steps = Enumerable.Range(1, 20).Select(step => run.Step(step) with { Margin = step % 2 == 0 ? null : 0.1 }).ToArray();

        var plots = RunPlots.Of("early", "early", run.Plan(), [.. steps], [new RecallPoint(10, 7, 0.25)]);

        Assert.Equal(
            ["Loss", "Recall@5 in training", "Margin", "Temperature", "Learning rate", "Gradient norm", "Spread of the embeddings", "Throughput", "Time of a step"],
            plots.Select(plot => plot.Title));
        Assert.Equal(10, plots[2].Lines[0].Raw!.Count(letter => letter is 'M' or 'L'));
        Assert.Null(plots[6].Lines[0].Last);
        Assert.Equal(0.32, plots[8].Lines.Sum(line => line.Last!.Value.Y), 9);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.07, "0.07")]
    [InlineData(0.00003, "3e-5")]
    [InlineData(12.345, "12.3")]
    [InlineData(1234.4, "1,234")]
    [InlineData(250000, "2.5e5")]
    public void Should_write_figures_short(double value, string expected) => Assert.Equal(expected, Marks.Figure(value));
}
