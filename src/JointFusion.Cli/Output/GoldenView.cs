using JointFusion.Retrieval;

namespace JointFusion.Cli;

/// <summary>Comparisons with golden sets for people: a line a tensor, then how much of each model was compared.</summary>
internal static class GoldenView
{
    /// <summary>Sets with a fault first.</summary>
    public static void Write(Listing list, IReadOnlyList<GoldenReport> reports)
    {
        var width = reports.SelectMany(report => report.Cases).SelectMany(@case => @case.Tensors).Max(tensor => tensor.Tensor.Length);
        list.WriteLines(
            [.. reports.OrderBy(report => report.Holds).SelectMany(report => Lines(report, width))], "lines", line => [line],
            [
                "Error and tolerance stand for the element at which they are nearest to each other.",
                .. reports.Select(report =>
                    $"{report.Set}: {report.TensorsHeld} of {report.Tensors} tensors in {report.Cases.Length} cases, {report.Elements:N0} numbers: {(report.Holds ? "equal" : "WRONG")}"),
            ]);
    }

    private static IEnumerable<string> Lines(GoldenReport report, int width)
    {
        yield return $"{report.Set}: {report.Model}, transformers {report.Reference}";
        foreach (var @case in report.Cases)
        {
            if (@case.Fault is not null)
                yield return $"  {@case.Case}: FAILED: {@case.Fault}";
            foreach (var tensor in @case.Tensors)
                yield return $"  {tensor.Tensor.PadRight(width)}  {Verdict(tensor)}";
        }
    }

    private static string Verdict(TensorComparison tensor) => tensor.Fault is { } fault
        ? $"FAILED: {fault}"
        : $"error {tensor.Error:0.0e+00}  tolerance {tensor.Tolerance:0.0e+00}  {tensor.Elements,6} numbers  {(tensor.Holds ? "equal" : "WRONG")}";
}
