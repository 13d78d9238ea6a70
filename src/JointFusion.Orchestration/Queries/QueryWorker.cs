namespace JointFusion.Orchestration;

/// <summary>Answers queries with trained retrievers in a process of its own: started when the first comes, ended when none has come for a while, killed with its owner.</summary>
/// <remarks>One question at a time; a few more wait, others are turned away. A process that crashes costs its question, and the next starts another.</remarks>
/// <param name="logPath">Takes what the process writes.</param>
public sealed class QueryWorker(WorkerLaunch launch, string logPath, QueryLimits limits, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);
    private readonly SocketFolder folder = new();
    private readonly SemaphoreSlim turn = new(1);
    private QueryChild? child;
    private ITimer? idle;
    private long questions;
    private int waiting;
    private int started;

    /// <summary>Of the process that lives; null: none does.</summary>
    public int? Pid => child is { HasEnded: false } living ? living.Pid : null;

    /// <summary>Where whoever asks may put a picture: nobody else may enter, and it goes with this.</summary>
    public string PictureFolder => folder.FullName;

    /// <param name="progress">Called from any thread.</param>
    /// <exception cref="QueryRefusedException">Why there is no answer, and the way out.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more; what has begun goes on and is thrown away.</exception>
    public async Task<RetrieverAnswer> AskAsync(RetrieverQuery query, Action<QueryProgress> progress, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref waiting) > limits.MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new QueryRefusedException($"{limits.MostWaiting} questions wait already. Ask again in a moment.");
        }
        try
        {
            await turn.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref waiting);
            throw;
        }
        try
        {
            return await AskInTurnAsync(query, progress, cancel);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
            StartIdling();
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        idle?.Dispose();
        if (child is { } last)
        {
            last.Kill("its server ended");
            await last.Ended;
            last.Dispose();
        }
        folder.Dispose();
    }

    private async Task<RetrieverAnswer> AskInTurnAsync(RetrieverQuery query, Action<QueryProgress> progress, CancellationToken cancel)
    {
        idle?.Dispose();
        var worker = await LivingAsync();
        using var silence = clock.CreateTimer(_ => worker.Kill($"it said nothing for {limits.Silence.TotalSeconds:0} s"), null, limits.Silence, Timeout.InfiniteTimeSpan);
        return await worker.AskAsync(Interlocked.Increment(ref questions), query, Heard, cancel);

        void Heard(QueryProgress word)
        {
            silence.Change(limits.Silence, Timeout.InfiniteTimeSpan);
            progress(word);
        }
    }

    private async Task<QueryChild> LivingAsync()
    {
        if (child is { HasEnded: false, IsRetired: false } living)
            return living;
        if (child is { } old)
        {
            await EndAsync(old);
            old.Dispose();
        }
        return child = QueryChild.Start(launch, folder.Socket($"q{++started}"), logPath);
    }

    private static async Task EndAsync(QueryChild retired)
    {
        if (await Task.WhenAny(retired.Ended, Task.Delay(EndTime)) != retired.Ended)
            retired.Kill("it did not end when it was told to");
        await retired.Ended;
    }

    private void StartIdling()
    {
        idle?.Dispose();
        idle = clock.CreateTimer(_ => EndIfIdle(), null, limits.Idle, Timeout.InfiniteTimeSpan);
    }

    private void EndIfIdle()
    {
        if (!turn.Wait(0))
            return; // Somebody asks.
        try
        {
            child?.Shutdown();
        }
        finally
        {
            turn.Release();
        }
    }
}

/// <param name="Idle">After its last answer a process lives so long.</param>
/// <param name="Silence">A process that says nothing for so long over a question is killed.</param>
/// <param name="MostWaiting">Questions, the one under way included.</param>
public sealed record QueryLimits(TimeSpan Idle, TimeSpan Silence, int MostWaiting)
{
    public static QueryLimits Default { get; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), 8);
}
