using System.CommandLine;
using System.CommandLine.Invocation;

namespace JointFusion.Cli;

/// <summary><c>jf</c>: the root command over all verbs, and the one place where their ends become exit codes.</summary>
public static class JointFusionCommand
{
    /// <summary>By name, in the order of the help.</summary>
    private static readonly Dictionary<string, Func<CliContext, Verb>> Verbs = new()
    {
        ["run"] = context => new RunVerb(context),
        ["report"] = context => new ReportVerb(context),
        ["plan"] = context => new PlanVerb(context),
        ["data"] = context => new DataVerb(context),
        ["checkpoint"] = context => new CheckpointVerb(context),
        ["play"] = context => new PlayVerb(context),
        ["search"] = context => new SearchVerb(context),
        ["eval"] = context => new EvalVerb(context),
        ["compare"] = context => new CompareVerb(context),
        ["metrics"] = context => new MetricsVerb(context),
        ["backbone"] = context => new BackboneVerb(context),
        ["doctor"] = context => new DoctorVerb(context),
        ["drill"] = context => new DrillVerb(context),
        ["serve"] = context => new ServeVerb(context),
        ["agent"] = context => new AgentVerb(context),
        ["submit"] = context => new SubmitVerb(context),
        ["status"] = context => new StatusVerb(context),
        ["logs"] = context => new LogsVerb(context),
        ["pause"] = RunsVerb.Pause,
        ["cancel"] = RunsVerb.Cancel,
        ["resume"] = RunsVerb.Resume,
        ["priority"] = context => new PriorityVerb(context),
        ["fork"] = context => new ForkVerb(context),
        ["sweep"] = context => new SweepVerb(context),
        ["node"] = context => new NodeVerb(context),
        ["certs"] = context => new CertsVerb(context),
        ["token"] = context => new TokenVerb(context),
        ["audit"] = context => new AuditVerb(context),
        ["gc"] = context => new GcVerb(context),
        ["schema"] = context => new SchemaVerb(context),
        ["completion"] = context => new CompletionVerb(context),
        [WorkerVerb.Name] = _ => new WorkerVerb(),
        [QueryWorkerVerb.Name] = _ => new QueryWorkerVerb(),
    };

    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliContext context, CancellationToken stop = default)
    {
        var root = Create(context, args);
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

    /// <summary>A command line that begins with a verb needs no other's options: to declare them all takes longer than parsing.</summary>
    internal static RootCommand Create(CliContext context, params IReadOnlyList<string> args)
    {
        var root = new RootCommand("Trains universal multimodal retrievers (image and text) on a cluster, from a YAML experiment to a report.");
        if (args.Count > 0 && Verbs.TryGetValue(args[0], out var named))
        {
            root.Subcommands.Add(named(context).Create());
            return root;
        }

        var verbs = new List<Verb>();
        foreach (var create in Verbs.Values)
            verbs.Add(create(context));
        foreach (var verb in verbs)
            root.Subcommands.Add(verb.Create());
        root.WithHelp(
            examples: [.. verbs.Where(verb => verb is RunVerb or SearchVerb or ServeVerb or SubmitVerb or StatusVerb).Select(verb => verb.Examples[0])], // All of them would take screens.
            remarks: $"jf VERB --help has examples of each. Exit codes: {ExitCode.Ok} done, {ExitCode.Failed} a run failed or a checkpoint is torn, {ExitCode.BadInput} bad input and nothing started, "
                + $"{ExitCode.Away} the server is away, {ExitCode.Interrupted} interrupted. On a terminal a list ends where the screen does, unless --all is given.");
        return root;
    }
}
