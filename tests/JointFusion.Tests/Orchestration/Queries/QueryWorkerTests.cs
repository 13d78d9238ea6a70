using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The process is a shell that only lives; this test speaks at its socket in its place.</summary>
public sealed class QueryWorkerTests : IDisposable
{
    private static readonly QueryLimits Patient = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), 2);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Should_answer_with_progress_in_one_process_when_asked_twice()
    {
        await using var worker = Worker(Patient);
        List<QueryProgress> told = [];
        _ = SpeakAsync(1, new Engine());

        var first = await worker.AskAsync(Query("a"), told.Add, Cancel);
        var pid = worker.Pid;
        var second = await worker.AskAsync(Query("b"), _ => { }, Cancel);

        Assert.Equal(("a", "b"), (first.Hits[0].Did, second.Hits[0].Did));
        Assert.Equal([new QueryProgress("embedding", 1, 2)], told);
        Assert.NotNull(pid);
        Assert.Equal(pid, worker.Pid);
    }

    [Fact]
    public async Task Should_pass_the_reason_on_when_the_engine_refuses()
    {
        await using var worker = Worker(Patient);
        _ = SpeakAsync(1, new Engine());

        var refused = await Assert.ThrowsAsync<QueryRefusedException>(() => worker.AskAsync(Query("refuse"), _ => { }, Cancel));

        Assert.Equal("Nothing like that here.", refused.Message);
        _ = await worker.AskAsync(Query("a"), _ => { }, Cancel);
    }

    [Fact]
    public async Task Should_name_the_signal_and_start_another_when_the_process_is_killed_over_a_question()
    {
        await using var worker = Worker(Patient);
        _ = SpeakAsync(1, new Engine(over: () => Die(worker.Pid!.Value)));

        var refused = await Assert.ThrowsAsync<QueryRefusedException>(() => worker.AskAsync(Query("a"), _ => { }, Cancel));
        _ = SpeakAsync(2, new Engine());
        var answer = await worker.AskAsync(Query("b"), _ => { }, Cancel);

        Assert.Contains("SIGKILL", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Ask again", refused.Message, StringComparison.Ordinal);
        Assert.Equal("b", answer.Hits[0].Did);
    }

    [Fact]
    public async Task Should_kill_the_process_when_it_is_silent_over_a_question()
    {
        await using var worker = Worker(Patient with { Silence = TimeSpan.FromMilliseconds(100) });

        var refused = await Assert.ThrowsAsync<QueryRefusedException>(() => worker.AskAsync(Query("a"), _ => { }, Cancel)); // Nobody speaks.

        Assert.Contains("it said nothing for", refused.Message, StringComparison.Ordinal);
        Assert.Null(worker.Pid);
    }

    [Fact]
    public async Task Should_end_the_process_when_nobody_asks_for_a_while()
    {
        await using var worker = Worker(Patient with { Idle = TimeSpan.FromMilliseconds(50) });
        var speaking = SpeakAsync(1, new Engine(), end: () => Kill(worker.Pid!.Value));

        _ = await worker.AskAsync(Query("a"), _ => { }, Cancel);
        await speaking.WaitAsync(Cancel); // It was told to leave.
        _ = SpeakAsync(2, new Engine());

        Assert.Equal("b", (await worker.AskAsync(Query("b"), _ => { }, Cancel)).Hits[0].Did);
    }

    [Fact]
    public async Task Should_turn_a_question_away_when_as_many_wait_as_may()
    {
        await using var worker = Worker(Patient);
        using var hold = new ManualResetEventSlim();
        _ = SpeakAsync(1, new Engine(over: () => hold.Wait(Cancel)));
        var (first, second) = (worker.AskAsync(Query("a"), _ => { }, Cancel), worker.AskAsync(Query("b"), _ => { }, Cancel));

        var refused = await Assert.ThrowsAsync<QueryRefusedException>(() => worker.AskAsync(Query("c"), _ => { }, Cancel));
        hold.Set();

        Assert.Equal("2 questions wait already. Ask again in a moment.", refused.Message);
        Assert.Equal(["a", "b"], (await Task.WhenAll(first, second)).Select(answer => answer.Hits[0].Did));
    }

    [Fact]
    public async Task Should_leave_no_process_and_no_folder_when_disposed()
    {
        var worker = Worker(Patient);
        _ = SpeakAsync(1, new Engine());
        _ = await worker.AskAsync(Query("a"), _ => { }, Cancel);
        var (pid, pictures) = (worker.Pid!.Value, worker.PictureFolder);

        await worker.DisposeAsync();

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        Assert.False(Directory.Exists(pictures));
    }

    private QueryWorker Worker(QueryLimits limits) => new(
        new WorkerLaunch("sh", ["-c", $"n=$(ls {folder.FullName} | grep -c -x '[0-9]*'); echo $1 > {folder.FullName}/part; mv {folder.FullName}/part {folder.FullName}/$((n + 1)); exec sleep 600"], ImmutableDictionary<string, string>.Empty),
        Path.Combine(folder.FullName, "log"), limits, TimeProvider.System);

    /// <summary>In place of the so many-th process, until its server has no more to ask.</summary>
    /// <param name="end">What the process does then.</param>
    private async Task SpeakAsync(int number, IQueryEngine engine, Action? end = null)
    {
        var written = Path.Combine(folder.FullName, $"{number}");
        while (!File.Exists(written))
            await Task.Delay(10, Cancel);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint((await File.ReadAllTextAsync(written, Cancel)).Trim()), Cancel);
        await Task.Factory.StartNew(() => QueryProcess.Serve(new NetworkStream(socket, ownsSocket: true), engine), Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        end?.Invoke();
    }

    private static RetrieverQuery Query(string text) => new("/run", null, text, null, null, 3);

    private static void Kill(int pid) => Process.GetProcessById(pid).Kill();

    private static void Die(int pid)
    {
        Kill(pid);
        throw new InvalidOperationException("A process that is dead says nothing.");
    }

    private sealed class Engine(Action? over = null) : IQueryEngine
    {
        public RetrieverAnswer Answer(RetrieverQuery query, Action<QueryProgress> progress)
        {
            progress(new QueryProgress("embedding", 1, 2));
            over?.Invoke();
            return query.Text == "refuse"
                ? throw new QueryRefusedException("Nothing like that here.")
                : new RetrieverAnswer(40, null, "global", 50, [new RetrieverHit(1, query.Text!, 0.5, null, true)]);
        }

        public void Dispose()
        {
        }
    }
}
