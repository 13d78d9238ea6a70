using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary><c>jf eval</c>: the evaluation that a run ends with, of any checkpoint on any data set.</summary>
public sealed class EvalVerb(CliContext context) : Verb
{
    private readonly Argument<string> retriever = new("RETRIEVER") { Description = "A run's folder, for its newest checkpoint; a checkpoint (step-NNNNNN); or a folder that 'jf checkpoint export' wrote." };
    private readonly Option<string?> data = new("--data") { Description = "Another data set, in M-BEIR layout. Default: the one that it was trained on.", HelpName = "ROOT" };
    private readonly Option<string[]> splits = new("--split") { Description = "Queries to ask; may be repeated. Default: test, or the first that there is.", HelpName = "NAME" };
    private readonly Option<int?> checkpoint = new("--checkpoint") { Description = "Of a run, in place of its newest.", HelpName = "STEP" };
    private readonly Option<string?> output = new("--out") { Description = "Also write evaluation.json and outcomes.jsonl there, for 'jf compare'.", HelpName = "DIR" };
    private readonly Option<string?> trec = new("--trec") { Description = $"Also write qrels and runs of {TrecFiles.Depth} candidates a query there, for trec_eval.", HelpName = "DIR" };
    private readonly Option<string?> embeddings = new("--embeddings") { Description = "Also write the embeddings of candidates and queries there, as .npy and .parquet.", HelpName = "DIR" };
    private readonly Option<string> device = SavedRetrievers.DeviceOption();
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print every row with its conditions as JSON." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf eval runs/quickstart-<time>/runs/early --checkpoint 600", "an earlier checkpoint, as the run's end was evaluated"),
        new("jf eval exported --data /data/M-BEIR --split val --split test", "an exported retriever on other data"),
        new("jf eval runs/quickstart-<time>/runs/early --trec trec --embeddings vectors", "the same for other programs, with what was found and where"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "eval",
            "Evaluate a trained retriever as a run's end does: recall by split, pool, task, operation and condition, with 95% intervals by concept. Prints one table; --json has all rows.")
        {
            retriever, data, splits, checkpoint, output, trec, embeddings, device, all, json,
        };
        command.SetAction((parsed, _) => CheckpointVerb.GuardedAsync(() => RunAsync(parsed)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        var (path, root) = (parsed.GetRequiredValue(retriever), parsed.GetValue(data));
        var saved = new SavedRetrievers(context.Error);
        using var opened = saved.Open(path, parsed.GetValue(checkpoint), root, SavedRetrievers.DeviceOf(parsed.GetValue(device)));
        var set = saved.Data(opened, root);
        using var evaluation = Evaluate(opened, set, Splits(parsed.GetValue(splits), set), parsed.GetValue(trec) is not null, interruption.Requested);
        await WriteAsync(parsed, opened, set, evaluation, interruption.Requested);
        if (parsed.GetValue(json))
            await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(evaluation.Report, JointFusionJson.File));
        else
            EvaluationView.Write(new Listing(context, parsed.GetValue(all)), opened, set, evaluation.Report);
        return ExitCode.Ok;
    }

    private SavedEvaluation Evaluate(SavedRetriever opened, MbeirDataset set, ImmutableArray<string> of, bool deep, CancellationToken cancel)
    {
        using var progress = new DataProgressView(context.Error);
        try
        {
            return SavedEvaluation.Run(opened, set, of, deep ? TrecFiles.SearchDepth : 0, EmbeddingCache.OfUser(), progress, cancel);
        }
        catch (ArgumentException refused)
        {
            throw new BadInputException(refused.Message);
        }
    }

    private static ImmutableArray<string> Splits(string[]? named, MbeirDataset set)
    {
        if (named is { Length: > 0 })
            return [.. named.Distinct(StringComparer.Ordinal)];
        var there = set.EvaluationSplits;
        return there.IsEmpty
            ? throw new BadInputException($"{set.Root}: there are no queries to evaluate with: expected query/test/*.jsonl and qrels/test/*.txt.")
            : [there.Contains("test") ? "test" : there[0]];
    }

    private async Task WriteAsync(ParseResult parsed, SavedRetriever opened, MbeirDataset set, SavedEvaluation evaluation, CancellationToken cancel)
    {
        if (parsed.GetValue(output) is { } folder)
        {
            EvaluationFiles.Write(new RunFolder(Directory.CreateDirectory(folder).FullName), evaluation.Outcomes, evaluation.Report);
            Tell(folder, ["evaluation.json", "outcomes.jsonl"]);
        }
        if (parsed.GetValue(trec) is { } lists)
            Tell(lists, TrecFiles.Write(lists, set, evaluation.Lists, opened.Origin.Run));
        if (parsed.GetValue(embeddings) is { } vectors)
            Tell(vectors, await EmbeddingFiles.WriteAsync(vectors, evaluation, set, cancel));
    }

    private void Tell(string folder, IReadOnlyList<string> files) =>
        context.Error.WriteLine($"{Path.GetFullPath(folder)}: {(files.Count > 6 ? $"{files.Count} files, such as {files[0]}" : string.Join(", ", files))}");
}
