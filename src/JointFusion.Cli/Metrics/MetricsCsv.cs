using System.Globalization;

namespace JointFusion.Cli;

/// <summary>Steps as CSV: a line a step, a column a series, empty where a step has no such value.</summary>
internal static class MetricsCsv
{
    public static void Write(TextWriter output, IReadOnlyList<RunSeries> runs)
    {
        var scalars = runs.Select(run => run.Scalars().Where(scalar => !scalar.Tag.StartsWith("evaluation/", StringComparison.Ordinal)).ToArray()).ToArray();
        var tags = scalars.SelectMany(of => of).Select(scalar => scalar.Tag).Distinct().ToArray();
        output.WriteLine(string.Join(',', ["run", "stage", "step", "at", .. tags]));
        foreach (var (run, of) in runs.Zip(scalars))
        {
            var byStep = of.ToLookup(scalar => scalar.Step);
            foreach (var step in run.Steps)
            {
                var values = byStep[step.Step].ToDictionary(scalar => scalar.Tag, scalar => scalar.Value.ToString("R", CultureInfo.InvariantCulture));
                output.WriteLine(string.Join(',',
                    [run.Plan.Run, step.Stage, step.Step.ToString(CultureInfo.InvariantCulture), step.At.ToString("O", CultureInfo.InvariantCulture), .. tags.Select(tag => values.GetValueOrDefault(tag, ""))]));
            }
        }
    }
}
