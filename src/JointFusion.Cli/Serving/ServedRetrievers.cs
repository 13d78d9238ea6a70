using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Asks the retrievers of trained runs in one process beside this one, and reads their data sets for those who look.</summary>
/// <param name="folderOf">Of a known experiment, by its name.</param>
/// <param name="log">Takes what the process says.</param>
internal sealed class ServedRetrievers(Func<string, ExperimentFolder> folderOf, string log, int cores) : IRetrievers, IAsyncDisposable
{
    /// <summary>Data sets kept open.</summary>
    private const int MostKept = 2;

    private readonly QueryWorker worker = new(WorkerLaunches.OfQueries(Math.Max(1, cores / 2)), log, QueryLimits.Default, TimeProvider.System);
    private readonly Lock gate = new();
    private readonly List<(string Root, string Splits, IItemCatalog Items)> kept = [];

    public async Task<PlaygroundAnswer> AskAsync(PlaygroundQuery query, Action<string> progress, CancellationToken cancel)
    {
        var picture = query.Picture is null ? null : Path.Combine(worker.PictureFolder, $"{Guid.NewGuid():N}");
        try
        {
            if (picture is not null)
                await File.WriteAllBytesAsync(picture, query.Picture!, cancel);
            var answer = await worker.AskAsync(
                new RetrieverQuery(folderOf(query.Experiment).Run(query.Run).Path, query.Step, query.Text, picture, query.Task, query.Top), word => progress(Words(word)), cancel);
            return new PlaygroundAnswer(
                query.Run, answer.Step, answer.Instruction, answer.Pool, answer.PoolSize, [.. answer.Hits.Select(hit => new PlaygroundHit(hit.Rank, hit.Did, hit.Score, hit.Text, hit.HasPicture))]);
        }
        catch (QueryRefusedException refused)
        {
            throw new ApiException(422, "No answer", refused.Message);
        }
        catch (IOException full)
        {
            throw new ApiException(503, "The disk refuses", $"{full.Message} Make room in {Path.GetTempPath()} and ask again.");
        }
        finally
        {
            if (picture is not null)
                File.Delete(picture);
        }
    }

    public ImmutableArray<int> TasksOf(string experiment, string run) => OfData(experiment, run, plan => MbeirDataset.TasksOf(plan.Data.Root));

    public IItemCatalog ItemsOf(string experiment, string run) => OfData(experiment, run, ItemsOf);

    private IItemCatalog ItemsOf(RunPlan plan)
    {
        var splits = string.Join(' ', plan.Evaluation.Splits);
        lock (gate)
        {
            if (kept.Find(one => one.Root == plan.Data.Root && one.Splits == splits) is { Items: { } known })
                return known;
            var items = new DatasetItems(MbeirDataset.Open(plan.Data.Root), plan.Evaluation.Splits);
            kept.Add((plan.Data.Root, splits, items));
            if (kept.Count > MostKept)
                kept.RemoveAt(0);
            return items;
        }
    }

    private T OfData<T>(string experiment, string run, Func<RunPlan, T> read)
    {
        try
        {
            return read(PlanFile.Read(folderOf(experiment).Run(run)));
        }
        catch (Exception gone) when (gone is DataException or BadInputException)
        {
            throw new ApiException(404, "The data are gone", gone.Message);
        }
    }

    public ValueTask DisposeAsync() => worker.DisposeAsync();

    private static string Words(QueryProgress word) => word.Total > 0 ? $"{word.Doing}: {word.Done:N0} of {word.Total:N0}" : word.Doing;
}
