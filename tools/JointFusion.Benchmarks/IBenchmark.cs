namespace JointFusion.Benchmarks;

/// <summary>One verb: measures the code and its limits in turns, in one run, and says under which conditions.</summary>
public interface IBenchmark
{
    string Verb { get; }

    /// <summary>One line for the help.</summary>
    string Summary { get; }

    /// <param name="progress">Takes lines for who waits.</param>
    /// <returns>The report, in markdown, with machine and date.</returns>
    string Run(Action<string> progress);
}
