using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf gc</c>: room on the disk.</summary>
public sealed class GcVerb(CliContext context) : Verb
{
    private readonly Argument<string> root = new("ROOT") { Description = "A server's folder, or one of experiments of jf run.", DefaultValueFactory = _ => "experiments.served" };
    private readonly Option<string> olderThan = new("--older-than") { Description = "Of experiments that nothing was written into for so long, and embeddings that nobody used; 1d at least.", HelpName = "TIME", DefaultValueFactory = _ => "30d" };
    private readonly Option<string?> quota = new("--quota") { Description = "While ROOT and the embeddings in this user's cache hold more than this, also of younger ones that stand still for a day: embeddings first, then experiments, the oldest first.", HelpName = "SIZE" };
    private readonly Option<string[]> keep = new("--keep") { Description = "An experiment that nothing is taken from; may be given several times.", HelpName = "NAME" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Say what would go, and remove nothing." };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf gc /shared/experiments --older-than 30d --dry-run", "what a month's old experiments hold that nobody needs"),
        new("jf gc /shared/experiments --quota 2TB --keep baseline", "the same and more, until 2 TB are left; nothing of baseline"),
        new("jf gc runs", "in the folder of jf run"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "gc",
            "Remove logs, unfinished writes, and all checkpoints but each run's newest from experiments that stand still, and from this user's folders what was left unfinished, agents' logs, and candidates' embeddings, which the next search computes again. "
            + "Plans, metrics, results and reports stay, and checkpoints that a fork or another run's first stage rests on. A run that trains is not touched; a paused one goes on from its newest checkpoint. "
            + "The journal lets go of checkpoints that newer ones have replaced, while no server is at work on it.")
        {
            root, olderThan, quota, keep, dryRun, all, json,
        };
        command.SetAction(Collect);
        return command;
    }

    private int Collect(ParseResult parsed)
    {
        var folder = parsed.GetValue(root)!;
        if (!Directory.Exists(folder))
            throw new BadInputException($"{folder}: there is no such folder. Give the one that jf serve or jf run puts experiments into.");
        var policy = Policy(parsed.GetValue(olderThan)!, parsed.GetValue(quota), parsed.GetValue(keep) ?? []);
        var (found, above) = new GarbageCollector(Path.GetFullPath(folder), new UserGarbage(UserFolders.Cache, UserFolders.State)).Find(policy, DateTime.UtcNow);
        var removes = !parsed.GetValue(dryRun);
        var refused = removes ? found.Where(garbage => !IsRemoved(garbage)).ToHashSet() : [];
        Tell([.. found.Where(garbage => !refused.Contains(garbage))], above, removes, new Listing(context, parsed.GetValue(all)), parsed.GetValue(json));
        var isCompact = !removes || IsCompacted(new ServerRoot(Path.GetFullPath(folder)), parsed.GetValue(json));
        return refused.Count == 0 && isCompact ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <exception cref="BadInputException">They are no age, size or names.</exception>
    internal static GarbagePolicy Policy(string olderThan, string? quota, string[] keep)
    {
        var age = Ages.Parse("--older-than", olderThan);
        return age >= GarbagePolicy.LeastStillness
            ? new GarbagePolicy(age, quota is null ? null : Sizes.Parse("--quota", quota), [.. keep])
            : throw new BadInputException($"--older-than {olderThan}: 1d at least, so that no run can still be at work there.");
    }

    private bool IsRemoved(Garbage garbage)
    {
        try
        {
            GarbageCollector.Remove(garbage);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            context.Error.WriteLine($"{garbage.Path}: could not be removed: {refused.Message} Put that right, and run jf gc again.");
            return false;
        }
    }

    private bool IsCompacted(ServerRoot server, bool silent)
    {
        try
        {
            if (JournalGarbage.Compact(server) is { } told && !silent)
                context.RawOut.WriteLine(told);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            context.Error.WriteLine(refused.Message);
            return false;
        }
    }

    private void Tell(List<Garbage> gone, long above, bool removed, Listing list, bool asJson)
    {
        var freed = gone.Sum(garbage => garbage.Bytes);
        if (asJson)
        {
            context.RawOut.WriteLine(JsonSerializer.Serialize(new { DryRun = !removed, FreedBytes = freed, AboveQuotaBytes = above, Removed = gone }, JointFusionJson.File));
            return;
        }
        list.WriteLines(
            gone, "places",
            garbage => [string.Create(CultureInfo.InvariantCulture, $"{garbage.Kind,-10} {Sizes.Text(garbage.Bytes),9}  {garbage.Path} (still since {garbage.Still:yyyy-MM-dd})")],
            $"{(removed ? "Freed" : "Would free")} {Sizes.Text(freed)} in {(gone.Count == 1 ? "1 place" : $"{gone.Count} places")}.");
        if (above > 0)
            context.Error.WriteLine($"Still {Sizes.Text(above)} above the quota: the rest is in use, a newest checkpoint, or results. Delete whole experiments by hand, or raise it.");
    }
}
