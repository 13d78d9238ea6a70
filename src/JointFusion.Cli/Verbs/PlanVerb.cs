using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf plan SPEC</c>: everything a run would do, resolved and printed; trains nothing.</summary>
public sealed class PlanVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf plan experiments/quickstart.yaml", "show the runs, their sizes and hashes"),
        new("jf plan experiments/quickstart.yaml --json", "the same for scripts, every derived value included"),
    ];

    protected override Command Declare()
    {
        var spec = new Argument<string>("SPEC") { Description = "The experiment, a YAML file." };
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print the plans as JSON." };
        var command = new Command(
            "plan",
            "Check an experiment and print its resolved plan: parameters, memory, FLOPs and hashes of each run. Builds the data set if it is "
            + "not there yet; trains nothing.")
        {
            spec,
            all,
            json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(spec), new Listing(context, parsed.GetValue(all)), parsed.GetValue(json)));
        return command;
    }

    private int Run(string specPath, Listing list, bool asJson)
    {
        var planned = SpecPlanner.Describe(specPath, context.Data, context.Cores);
        if (asJson)
            context.RawOut.WriteLine(JsonSerializer.Serialize(planned, JointFusionJson.File));
        else
            PlanView.Write(list, planned);
        return ExitCode.Ok;
    }
}
