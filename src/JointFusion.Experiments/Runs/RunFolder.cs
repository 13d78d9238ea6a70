namespace JointFusion.Experiments;

/// <summary>The names of everything in a run's folder, in one place.</summary>
/// <param name="Path">Absolute.</param>
public sealed record RunFolder(string Path)
{
    public string Plan => In("plan.json");
    public string Metrics => In("metrics.jsonl");
    public string Checkpoints => In("checkpoints");
    public string Evaluation => In("evaluation.json");

    /// <summary>One line a query and pool: see <see cref="QueryOutcome"/>.</summary>
    public string Outcomes => In("outcomes.jsonl");

    /// <summary>The negatives that a stage has mined when it began: see <see cref="NegativeMining"/>.</summary>
    public string MinedNegatives(string stage) => In($"mined-negatives-{stage}.jsonl");

    /// <summary>What it was measured at when it came to a rung of its sweep: an <see cref="EvaluationReport"/>.</summary>
    public string Rung(int step) => In($"rung-{step:D6}.json");

    public string Logs => In("logs");

    /// <summary>A line an attempt: see <see cref="RunProvenance"/>.</summary>
    public string Provenance => In("provenance.jsonl");

    /// <summary>What a server notes of it, for the day that its journal is lost.</summary>
    public string Standing => In("standing.json");

    public string Checkpoint(int step) => System.IO.Path.Combine(Checkpoints, $"step-{step:D6}");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>The names of everything in an experiment's folder: the spec, the journal, the runs, the results.</summary>
/// <param name="Path">Absolute.</param>
public sealed record ExperimentFolder(string Path)
{
    /// <summary>The YAML as submitted.</summary>
    public string Spec => In("experiment.yaml");

    public string Journal => In("journal.db");
    public string Results => In("results.json");
    public string Report => In("report.html");

    /// <summary>Only where several seeds were run.</summary>
    public string Study => In("study.json");

    /// <summary>The user's own grouping of tasks, if there is one.</summary>
    public string TaskGroups => In(Experiments.TaskGroups.FileName);

    public string Runs => In("runs");

    /// <summary>Held open and locked by the one process that works on this folder.</summary>
    public string Lock => In("lock");

    public RunFolder Run(string name) => new(System.IO.Path.Combine(Runs, name));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
