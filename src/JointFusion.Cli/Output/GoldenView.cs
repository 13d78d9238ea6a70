using JointFusion.Retrieval;

namespace JointFusion.Cli;

/// <summary>Comparisons with golden sets for people: a line a tensor, then how much of each model was compared.</summary>
internal static class GoldenView
{
    public static void Write(TextWriter output, IReadOnlyList<GoldenReport> reports)
    {
        var width = reports.SelectMany(report => report.Cases).SelectMany(@case => @case.Tensors).Max(tensor => tensor.Tensor.Length);
        foreach (var report in reports)
        {
            output.WriteLine($"{report.Set}: {report.Model}, transformers {report.Reference}");
            foreach (var @case in report.Cases)
            {
                if (@case.Fault is not null)
                    output.WriteLine($"  {@case.Case}: FAILED: {@case.Fault}");
                foreach (var tensor in @case.Tensors)
                    output.WriteLine($"  {tensor.Tensor.PadRight(width)}  {Verdict(tensor)}");
            }
        }
        output.WriteLine("Error and tolerance stand for the element at which they are nearest to each other.");
        foreach (var report in reports)
            output.WriteLine(
                $"{report.Set}: {report.TensorsHeld} of {report.Tensors} tensors in {report.Cases.Length} cases, {report.Elements:N0} numbers: {(report.Holds ? "equal" : "WRONG")}");
    }

    private static string Verdict(TensorComparison tensor) => tensor.Fault is { } fault
        ? $"FAILED: {fault}"
        : $"error {tensor.Error:0.0e+00}  tolerance {tensor.Tolerance:0.0e+00}  {tensor.Elements,6} numbers  {(tensor.Holds ? "equal" : "WRONG")}";
}
