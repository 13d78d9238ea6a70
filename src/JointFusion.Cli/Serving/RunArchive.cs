using System.Collections.Immutable;
using System.Data.Common;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>What journal and folders of a server know of its runs.</summary>
internal sealed class RunArchive(ServedExperiments store, JournalPlace journal) : IRunArchive
{
    public async Task<ImmutableArray<RunHappening>> EventsAsync(string run, long after, int limit, CancellationToken cancel)
    {
        try
        {
            List<RunHappening> events = [];
            await foreach (var entry in journal.ReadAsync(run, after, cancel))
            {
                events.Add(RunStory.Of(entry));
                if (events.Count == limit)
                    break;
            }
            events.Reverse();
            return [.. events];
        }
        catch (DbException refused)
        {
            throw Unreadable(refused);
        }
    }

    public async Task<long> JournalBytesAsync(CancellationToken cancel)
    {
        try
        {
            return await journal.SizeAsync(cancel);
        }
        catch (DbException refused)
        {
            throw Unreadable(refused);
        }
    }

    public Task<ImmutableArray<CheckpointInfo>> CheckpointsAsync(string experiment, string run) => Task.Run<ImmutableArray<CheckpointInfo>>(() =>
    [
        .. from entry in new CheckpointCatalog(store.FolderOf(experiment).Run(run)).Glance()
           let row = CheckpointRow.Of(entry, hashed: false)
           where row is not null
           select new CheckpointInfo(row.Step, row.Stage, row.Ledger, row.Bytes, row.WrittenAt, row.Whole, row.Faults.FirstOrDefault()?.ToString(), row.Folder),
    ]);

    public RunLineage Lineage(string experiment, string run)
    {
        var plan = PlanFile.Read(store.FolderOf(experiment).Run(run));
        var (name, all) = ($"{experiment}/{run}", store.All.SelectMany(known => known.Ancestry).ToList());
        var own = new RunAncestry(name, plan.ScienceHash, plan.Fork);
        return new RunLineage(
            name, plan.ScienceHash, plan.PlanHash, plan.Data.ManifestHash,
            [.. plan.Stages.Select(stage => new StageLineage(stage.Spec.Name, stage.FirstStep, stage.Spec.Steps, stage.LineageHash, SharedWith(experiment, plan, stage)))],
            plan.Fork is { } fork ? new ForkOrigin(all.Find(other => other.IsForkedBy(own))?.Run ?? fork.Run, fork.Step, fork.ScienceHash) : null,
            [.. all.Where(own.IsForkedBy).Select(fork => fork.Run)]);
    }

    private static ApiException Unreadable(DbException refused) => new(503, "The journal cannot be read", $"{refused.Message} Repeat the request once that is put right.");

    private ImmutableArray<string> SharedWith(string experiment, RunPlan plan, StagePlan stage)
    {
        var end = stage.FirstStep + stage.Spec.Steps - 1;
        if (plan.Shared?.FirstOrDefault(shared => shared.Step == end) is not { } common)
            return [];
        return
        [
            .. from order in store.Find(experiment)!.Orders
               where order.Run != $"{experiment}/{plan.Run}" && (order.Shared ?? []).Contains(common)
               select order.Run,
        ];
    }
}
