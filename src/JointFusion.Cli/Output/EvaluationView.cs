using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>An evaluation on the terminal: what was asked, and recall by task and operation.</summary>
internal static class EvaluationView
{
    public static void Write(Listing list, SavedRetriever retriever, MbeirDataset data, EvaluationReport report)
    {
        var origin = retriever.Origin;
        var about = string.Create(CultureInfo.InvariantCulture, $"{origin.Experiment}, run {origin.Run}, step {origin.Step:N0}, on {data.Name}");
        var k = report.Rows.Any(row => row.K == 5) ? 5 : 10; // M-BEIR measures its fashion sets deeper
        SummaryView.Write(list, ExperimentSummary.From(new ExperimentResults(1, report.Rows, [], [], []), k), about);
    }
}
