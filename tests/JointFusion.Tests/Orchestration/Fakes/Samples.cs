using JointFusion.Experiments;

namespace JointFusion.Tests;

internal static class Samples
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static StepMetrics Metrics(string run, int generation, int step, string stage = "adaptation") => new()
    {
        Run = run,
        Generation = generation,
        Stage = stage,
        Step = step,
        Loss = 1.0 / step,
        Accuracy = 0.5,
        GradientNorm = double.NaN,
        LearningRate = 1e-3,
        Temperature = 0.07,
        Ledger = "ab",
        PairsPerSecond = 100,
        MaskedNegatives = 1,
        Seconds = new StepSeconds(1, 0.1, 0.2, 0.3, 0.2, 0.1, 0.1),
        ResidentBytes = 1 << 20,
        At = Noon,
    };
}
