using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>What a verb says of an experiment that it has just begun at a server.</summary>
internal static class SubmittedExperiment
{
    /// <param name="wait">Until its runs are over.</param>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> ShowAsync(ApiClient client, ExperimentInfo submitted, CliContext context, bool wait, bool asJson, CancellationToken cancel)
    {
        if (!asJson)
            await context.RawOut.WriteLineAsync($"{submitted.Name}: {(submitted.Runs.Length == 1 ? "1 run" : $"{submitted.Runs.Length} runs")} in {submitted.Folder}");
        var shown = wait ? await ExperimentWatch.UntilOverAsync(client, submitted.Name, context, asJson, cancel) : submitted;
        if (asJson)
            await context.RawOut.WriteLineAsync(StatusView.Json(shown, ApiJson.Default.ExperimentInfo));
        return shown.State == "failed" ? ExitCode.Failed : ExitCode.Ok;
    }
}
