using System.Collections.Frozen;
using Microsoft.OpenApi;

namespace JointFusion.Dashboard;

/// <summary>What the API's document says of parameters: a name means the same wherever it stands.</summary>
internal static class ApiParameters
{
    private static readonly FrozenDictionary<string, (string Words, JsonSchemaType Type)> Known = new Dictionary<string, (string, JsonSchemaType)>
    {
        ["after"] = ("Number of an event: it and those before it are left out.", JsonSchemaType.Integer),
        ["checkpoint"] = ("Step of the checkpoint to begin at. Default: the newest whole one.", JsonSchemaType.Integer),
        ["experiment"] = ("Name of an experiment.", JsonSchemaType.String),
        ["file"] = ("What faults of the spec are told to be in. Default: the name with .yaml.", JsonSchemaType.String),
        ["follow"] = ("true: go on until the run is over. Default: false.", JsonSchemaType.Boolean),
        ["from"] = ("First step. Default: 1.", JsonSchemaType.Integer),
        ["id"] = ("Of the item, as in the data set.", JsonSchemaType.String),
        ["limit"] = ("The most events told, the newest: 1 to 1000. Default: 500.", JsonSchemaType.Integer),
        ["metric"] = ("Name of a metric as in metrics.jsonl, such as loss, loss_by_task.0 or seconds.forward; several times, or several with commas. Without any, the latest steps are told.", JsonSchemaType.Array),
        ["name"] = ("Of the experiment: lower-case letters, digits, '-', '_' and '.', at most 100. Chosen by the client, so that a repeated request does nothing twice.", JsonSchemaType.String),
        ["node"] = ("Name of a node.", JsonSchemaType.String),
        ["points"] = ("The most points of a curve: 10 to 10000. Default: 500.", JsonSchemaType.Integer),
        ["protocol"] = ("Version of the cluster's protocol that who asks speaks.", JsonSchemaType.Integer),
        ["rank"] = ("Of this rank alone. Default: of all, each line preceded by its rank.", JsonSchemaType.Integer),
        ["run"] = ("Name of a run within its experiment.", JsonSchemaType.String),
        ["since"] = ("A step: it and those before it are left out.", JsonSchemaType.Integer),
        ["slot"] = ("Number of a worker of the node.", JsonSchemaType.Integer),
        ["sweep"] = ("Name of a sweep's experiment.", JsonSchemaType.String),
        ["tail"] = ("Begin with the last so many lines of each rank. Default: all.", JsonSchemaType.Integer),
        ["to"] = ("Last step. Default: the latest.", JsonSchemaType.Integer),
        ["version"] = ("Of the program that asks.", JsonSchemaType.String),
    }.ToFrozenDictionary();

    public static void Describe(OpenApiParameter parameter)
    {
        if (parameter.Name is not { } name || !Known.TryGetValue(name, out var known))
            return;
        parameter.Description = known.Words;
        if (known.Type == JsonSchemaType.Array)
            parameter.Required = false;
        else
            parameter.Schema = new OpenApiSchema { Type = known.Type };
    }
}
