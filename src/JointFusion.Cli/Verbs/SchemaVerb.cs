using System.CommandLine;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf schema</c>: what editors need to complete and check an experiment.</summary>
public sealed class SchemaVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf schema > experiment.schema.json", "then '# yaml-language-server: $schema=experiment.schema.json' as a YAML's first line"),
    ];

    protected override Command Declare()
    {
        var command = new Command("schema", "Print the JSON Schema of an experiment's YAML, with which editors complete and check it.");
        command.SetAction(_ =>
        {
            context.RawOut.WriteLine(SpecSchema.Create().ToJsonString(JointFusionJson.File));
            return ExitCode.Ok;
        });
        return command;
    }
}
