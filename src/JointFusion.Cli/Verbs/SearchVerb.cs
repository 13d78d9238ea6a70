using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary><c>jf search</c>: ask a trained retriever, with a text, a picture or both.</summary>
public sealed class SearchVerb(CliContext context) : Verb
{
    private readonly Argument<string> retriever = new("RETRIEVER") { Description = "A run's folder, for its newest checkpoint; a checkpoint (step-NNNNNN); or a folder that 'jf checkpoint export' wrote." };
    private readonly Option<string?> text = new("--text") { Description = "What to ask in words.", HelpName = "WORDS" };
    private readonly Option<string?> image = new("--image") { Description = "A picture to ask with.", HelpName = "FILE" };
    private readonly Option<int?> task = new("--task")
    {
        Description = $"Answer among this task's candidates alone, with its instruction: {KnownTasks.Allowed}. Default: among all candidates, without one.",
        HelpName = "ID",
    };
    private readonly Option<int> top = new("--top") { Description = "How many candidates to list.", HelpName = "K", DefaultValueFactory = _ => 10 };
    private readonly Option<int?> checkpoint = new("--checkpoint") { Description = "Of a run, in place of its newest.", HelpName = "STEP" };
    private readonly Option<string?> data = new("--data") { Description = "Another data set to search, in M-BEIR layout. Default: the one that it was trained on.", HelpName = "ROOT" };
    private readonly Option<string> device = SavedRetrievers.DeviceOption();
    private readonly Option<bool> json = new("--json") { Description = "Print the answer as JSON." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf search runs/quickstart-<time>/runs/early --text \"a red heart\" --task 0", "pictures that fit a text"),
        new("jf search runs/quickstart-<time>/runs/early --image cat.png --text \"Add an arrow.\" --task 7", "pictures that fit a picture and a change of it"),
        new("jf search exported --image cat.png --top 3 --json", "whatever is nearest to a picture, for scripts"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "search",
            "Ask a trained retriever with a text, a picture or both, and list the candidates that it finds. The first search embeds the whole data set and keeps that in the data cache.")
        {
            retriever, text, image, task, top, checkpoint, data, device, json,
        };
        command.Validators.Add(CheckTogether);
        command.SetAction(parsed => CheckpointVerb.Guarded(() => Run(parsed)));
        return command;
    }

    private void CheckTogether(CommandResult parsed)
    {
        if (Query(parsed.GetValue(text), parsed.GetValue(image), parsed.GetValue(task)).Fault() is { } fault)
            parsed.AddError($"{fault} (--text, --image, --task)");
    }

    /// <summary>A picture's path becomes absolute: the engine knows no working folder.</summary>
    private static SearchQuery Query(string? text, string? image, int? task) => new(text, image is null ? null : Path.GetFullPath(image), task);

    private int Run(ParseResult parsed)
    {
        var query = Query(parsed.GetValue(text), parsed.GetValue(image), parsed.GetValue(task));
        if (query.ImagePath is { } picture && !File.Exists(picture))
            throw new BadInputException($"{picture}: there is no such picture. --image takes a file.");
        if (parsed.GetValue(top) < 1)
            throw new BadInputException($"--top {parsed.GetValue(top)}: lists at least 1 candidate.");
        using var interruption = new Interruption();
        using var engine = Open(parsed, interruption.Requested);
        var answer = Ask(engine, query, parsed.GetValue(top));
        if (parsed.GetValue(json))
            context.RawOut.WriteLine(JsonSerializer.Serialize(SearchView.Json(engine, query, answer), JointFusionJson.File));
        else
            SearchView.Write(context.Out, engine, query, answer);
        return ExitCode.Ok;
    }

    private SearchEngine Open(ParseResult parsed, CancellationToken cancel)
    {
        var (path, root) = (parsed.GetRequiredValue(retriever), parsed.GetValue(data));
        var saved = new SavedRetrievers(context.Error);
        var opened = saved.Open(path, parsed.GetValue(checkpoint), root, SavedRetrievers.DeviceOf(parsed.GetValue(device)));
        using var progress = new DataProgressView(context.Error);
        return SearchEngine.Open(opened, saved.Data(opened, root), EmbeddingCache.OfUser(), progress, cancel);
    }

    private static SearchAnswer Ask(SearchEngine engine, SearchQuery query, int top)
    {
        try
        {
            return engine.Ask(query, top);
        }
        catch (ArgumentException refused)
        {
            throw new BadInputException(refused.Message);
        }
    }
}
