using System.CommandLine;
using System.CommandLine.Invocation;

namespace JointFusion.Cli;

/// <summary><c>jf</c>: the root command over all verbs, and the one place where their ends become exit codes.</summary>
public static class JointFusionCommand
{
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliContext context, CancellationToken stop = default)
    {
        var root = Create(context);
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await context.Error.WriteLineAsync($"jf: {error.Message}");
            await context.Error.WriteLineAsync($"See '{parsed.CommandResult.Path()} --help'.");
            return ExitCode.BadInput;
        }

        try
        {
            // Unknown exceptions are defects: they end the process with their stack trace.
            var invocation = new InvocationConfiguration { Output = context.RawOut, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, stop);
        }
        catch (BadInputException exception)
        {
            await context.Error.WriteLineAsync(exception.Message);
            return ExitCode.BadInput;
        }
        catch (AwayException exception)
        {
            await context.Error.WriteLineAsync(exception.Message);
            return ExitCode.Away;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    internal static RootCommand Create(CliContext context)
    {
        var root = new RootCommand("Trains universal multimodal retrievers (image and text) on a cluster, from a YAML experiment to a report.");
        Verb[] verbs =
        [
            new RunVerb(context), new ReportVerb(context), new PlanVerb(context), new DataVerb(context), new CheckpointVerb(context), new SearchVerb(context), new EvalVerb(context), new CompareVerb(context), new MetricsVerb(context), new BackboneVerb(context), new DoctorVerb(context), new DrillVerb(context),
            new ServeVerb(context), new AgentVerb(context), new SubmitVerb(context), new StatusVerb(context),
            new LogsVerb(context), RunsVerb.Pause(context), RunsVerb.Cancel(context), RunsVerb.Resume(context), new PriorityVerb(context), new ForkVerb(context), new SweepVerb(context), new NodeVerb(context), new CertsVerb(context),
            new TokenVerb(context), new AuditVerb(context), new GcVerb(context), new SchemaVerb(context), new CompletionVerb(context), new WorkerVerb(), new QueryWorkerVerb(),
        ];
        foreach (var verb in verbs)
            root.Subcommands.Add(verb.Create());

        root.WithHelp(
            examples: [.. verbs.Where(verb => verb is RunVerb or SearchVerb or ServeVerb or SubmitVerb or StatusVerb).Select(verb => verb.Examples[0])], // All of them would take screens.
            remarks: $"jf VERB --help has examples of each. Exit codes: {ExitCode.Ok} done, {ExitCode.Failed} a run failed or a checkpoint is torn, {ExitCode.BadInput} bad input and nothing started, "
                + $"{ExitCode.Away} the server is away, {ExitCode.Interrupted} interrupted. On a terminal a list ends where the screen does, unless --all is given.");
        return root;
    }
}
