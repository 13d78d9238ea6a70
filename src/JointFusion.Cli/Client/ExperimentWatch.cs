using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>Waits for an experiment's end, a line for each change.</summary>
internal static class ExperimentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Asked so often for the report of an experiment that is over: its server may have been unable to write it.</summary>
    private const int PatienceForReport = 120;

    /// <summary>Outlives the server: while it does not answer, it is asked again.</summary>
    /// <param name="silent">No lines.</param>
    public static async Task<ExperimentInfo> UntilOverAsync(ApiClient client, string name, CliContext context, bool silent, CancellationToken cancel)
    {
        Dictionary<string, string> told = new(StringComparer.Ordinal);
        var away = false;
        var asked = 0;
        while (true)
        {
            try
            {
                var now = await client.GetAsync($"/experiments/{name}", ApiJson.Default.ExperimentInfo, cancel);
                away = false;
                if (!silent)
                    Tell(now, told, context.RawOut);
                if (now.IsOver && (now.Report is not null || ++asked > PatienceForReport || now.Runs.All(run => run.State != LiveRunState.Succeeded)))
                    return now;
            }
            catch (AwayException reason)
            {
                if (!away)
                    await context.Error.WriteLineAsync(reason.Message);
                away = true;
            }
            await Task.Delay(Interval, cancel);
        }
    }

    private static void Tell(ExperimentInfo now, Dictionary<string, string> told, TextWriter output)
    {
        foreach (var run in now.Runs)
        {
            var line = StatusView.Line(run);
            if (told.TryGetValue(run.Name, out var before) && before == line)
                continue;
            told[run.Name] = line;
            output.WriteLine(line);
        }
        if (now.IsOver && now.Report is not null)
            output.WriteLine($"Report:  {now.Report}");
    }
}
