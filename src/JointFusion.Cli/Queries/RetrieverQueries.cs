using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Retrieval;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Answers a query worker's questions with the retrievers of runs, the last few kept open with their candidates.</summary>
/// <param name="error">Takes what is passed over.</param>
internal sealed class RetrieverQueries(TextWriter error) : IQueryEngine
{
    /// <summary>Checkpoints kept open: a playground compares two.</summary>
    private const int MostOpen = 2;

    private readonly List<(string Run, int Step, SearchEngine Engine)> open = [];

    public RetrieverAnswer Answer(RetrieverQuery query, Action<QueryProgress> progress)
    {
        try
        {
            var (step, engine) = Engine(query, progress);
            var answer = engine.Ask(new SearchQuery(query.Text, query.Picture, query.Task), query.Top);
            return new RetrieverAnswer(
                step, answer.Instruction, $"{answer.Pool}".ToLowerInvariant(), answer.PoolSize,
                [.. answer.Hits.Select(hit => new RetrieverHit(hit.Rank, hit.Id, hit.Score, hit.Text, hit.Image is not null))]);
        }
        catch (Exception refused) when (refused is BadInputException or ArgumentException or DataException or CheckpointException)
        {
            throw new QueryRefusedException(refused.Message, refused);
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, engine) in open)
            engine.Dispose();
    }

    /// <summary>The newest use last.</summary>
    private (int Step, SearchEngine Engine) Engine(RetrieverQuery query, Action<QueryProgress> progress)
    {
        var at = open.FindIndex(one => one.Run == query.RunFolder && one.Step == query.Step);
        if (at >= 0)
        {
            var known = open[at];
            open.RemoveAt(at);
            open.Add(known);
            return (known.Step, known.Engine);
        }
        progress(new QueryProgress("opening the checkpoint", 0, 0));
        var saved = new SavedRetrievers(error);
        var retriever = saved.Open(query.RunFolder, query.Step, dataRoot: null, Device.Cpu);
        var engine = SearchEngine.Open(retriever, saved.Data(retriever, dataRoot: null), EmbeddingCache.OfUser(), new Told(progress));
        var step = retriever.Origin.Step;
        MakeRoom();
        open.Add((query.RunFolder, step, engine));
        return (step, engine);
    }

    private void MakeRoom()
    {
        while (open.Count >= MostOpen)
        {
            open[0].Engine.Dispose();
            open.RemoveAt(0);
        }
    }

    private sealed class Told(Action<QueryProgress> progress) : IProgress<DataProgress>
    {
        public void Report(DataProgress value) => progress(new QueryProgress(value.Phase, value.Done, value.Total));
    }
}
