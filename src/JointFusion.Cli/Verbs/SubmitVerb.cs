using System.CommandLine;
using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf submit</c>: an experiment for a server.</summary>
public sealed class SubmitVerb(CliContext context) : Verb
{
    private readonly Argument<string> spec = new("SPEC") { Description = "The experiment, a YAML file. Its data.root is below a data root of the server." };
    private readonly Option<string?> name = new("--name")
    {
        Description = "Of the experiment at the server. Default: the spec's name and the time. Submitted twice under one name it runs once.",
        HelpName = "NAME",
    };
    private readonly Option<bool> wait = new("--wait") { Description = "Return when its runs are over, with exit code 1 if one has failed." };
    private readonly Option<bool> json = new("--json") { Description = "Print the experiment as JSON." };
    private readonly Option<string?> server = ClientOptions.Server();
    private readonly Option<string?> certs = ClientOptions.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf submit experiments/quickstart.yaml", "queue its runs and return"),
        new("jf submit experiments/quickstart.yaml --name first --wait", "the same under a name of one's own, and wait for its end"),
    ];

    protected override Command Declare()
    {
        var command = new Command("submit", "Queue an experiment's runs at a server. Every fault of the spec comes back at once, and nothing is begun.")
        {
            spec, name, wait, json, server, certs,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
        var path = parsed.GetValue(spec)!;
        var yaml = SpecText.Read(path);
        var chosen = parsed.GetValue(name) ?? NameFor(path, yaml);
        var submitted = await client.PutAsync(
            $"/experiments/{Uri.EscapeDataString(chosen)}?file={Uri.EscapeDataString(path)}", yaml, ApiJson.Default.ExperimentInfo, interruption.Requested);
        return await SubmittedExperiment.ShowAsync(client, submitted, context, parsed.GetValue(wait), parsed.GetValue(json), interruption.Requested);
    }

    /// <summary>Of a spec that cannot be read as one, its file's: the server then says what is wrong with it.</summary>
    private static string NameFor(string path, string yaml)
    {
        var known = SpecLoader.Parse(yaml, path, Path.GetDirectoryName(Path.GetFullPath(path))!).Spec?.Name ?? "spec";
        return string.Create(CultureInfo.InvariantCulture, $"{known}-{DateTime.Now:yyyyMMdd-HHmmss}-{Random.Shared.Next(1 << 16):x4}");
    }
}
