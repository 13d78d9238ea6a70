using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace JointFusion.Orchestration;

/// <summary>One query worker's process, from its start until its exit; whoever waits for an answer then is told why none comes.</summary>
internal sealed class QueryChild : IDisposable
{
    private readonly DropOldestQueue<QueryMessage> outgoing = new(capacity: 0, mayDrop: _ => false);
    private readonly ConcurrentDictionary<long, Question> open = new();
    private readonly WorkerLog log;
    private readonly Process process;
    private readonly string socketPath;
    private volatile string? killReason;
    private volatile bool hasEnded;
    private volatile Socket? link;

    private QueryChild(Process process, string socketPath, WorkerLog log) => (this.process, this.socketPath, this.log) = (process, socketPath, log);

    public bool HasEnded => hasEnded;

    /// <summary>It was told to end: nothing more is asked of it.</summary>
    public bool IsRetired { get; private set; }

    public int Pid { get; private set; }

    /// <summary>Completes once it has exited and everybody was told.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <exception cref="QueryRefusedException">The program cannot be started.</exception>
    public static QueryChild Start(WorkerLaunch launch, string socketPath, string logPath)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        listener.Listen(1);
        var child = new QueryChild(NewProcess(launch, socketPath), socketPath, new WorkerLog(logPath));
        try
        {
            child.process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            listener.Dispose();
            child.Dispose();
            throw new QueryRefusedException($"No worker could be started to answer: '{launch.FileName}': {e.Message}", e);
        }
        child.Live(listener);
        return child;
    }

    /// <exception cref="QueryRefusedException">Why there is no answer, and the way out.</exception>
    public async Task<RetrieverAnswer> AskAsync(long id, RetrieverQuery query, Action<QueryProgress> progress, CancellationToken cancel)
    {
        var question = open[id] = new Question(progress);
        outgoing.Add(new QueryMessage.Ask(id, query));
        if (HasEnded)
            Fail("it had ended");
        return await question.Answer.Task.WaitAsync(cancel);
    }

    /// <summary>Lets it finish what it does.</summary>
    public void Shutdown()
    {
        IsRetired = true;
        outgoing.Add(new QueryMessage.Leave());
    }

    public void Kill(string reason)
    {
        killReason ??= reason;
        if (!HasEnded)
            process.Kill();
    }

    public void Dispose()
    {
        log.Dispose();
        process.Dispose();
        File.Delete(socketPath);
    }

    private void Live(Socket listener)
    {
        Pid = process.Id;
        LetTrainingGoFirst();
        process.OutputDataReceived += (_, line) => Write(line.Data, log.Output);
        process.ErrorDataReceived += (_, line) => Write(line.Data, log.Error);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Ended = LiveAsync(listener);
    }

    private void LetTrainingGoFirst()
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception ended) when (ended is Win32Exception or InvalidOperationException)
        {
            // At once: whoever asks is told why.
        }
    }

    private async Task LiveAsync(Socket listener)
    {
        using var exited = new CancellationTokenSource();
        var talking = TalkAsync(listener, exited.Token);
        await process.WaitForExitAsync();
        hasEnded = true;
        await exited.CancelAsync();
        HangUp();
        await talking;
        outgoing.Complete();
        Fail(killReason is null ? WorkerExit.Of(Pid, process.ExitCode, log.LastErrors).Reason : $"worker process {Pid} was ended: {killReason}");
    }

    private async Task TalkAsync(Socket listener, CancellationToken exited)
    {
        Socket connection;
        using (listener)
        {
            try
            {
                connection = await listener.AcceptAsync(exited);
            }
            catch (OperationCanceledException)
            {
                return; // It died before it connected.
            }
        }
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link = connection;
        new Thread(() => Listen(connection, heard)) { IsBackground = true, Name = "query link reader" }.Start();
        await heard.Task;
    }

    private void Listen(Socket connection, TaskCompletionSource heard)
    {
        using var messages = new MessageLink<QueryMessage, QueryReply>(
            new NetworkStream(connection, ownsSocket: true), LinkJson.Default.QueryMessage, LinkJson.Default.QueryReply, outgoing);
        messages.Start("query link");
        try
        {
            messages.ReadToEnd(Take);
        }
        catch (LinkProtocolException e)
        {
            Kill($"it broke the link's protocol: {e.Message}");
        }
        finally
        {
            heard.SetResult();
        }
    }

    /// <summary>What it has said is still heard; whoever else holds its end of the socket lets go of it then.</summary>
    private void HangUp()
    {
        try
        {
            link?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It hung up first.
        }
    }

    private bool Take(QueryReply reply)
    {
        switch (reply)
        {
            case QueryReply.Doing doing:
                if (open.TryGetValue(doing.Id, out var asked))
                    asked.Progress(doing.Progress);
                break;
            case QueryReply.Found found:
                if (open.TryRemove(found.Id, out var answered))
                    answered.Answer.TrySetResult(found.Answer);
                break;
            case QueryReply.Refused refused:
                if (open.TryRemove(refused.Id, out var turned))
                    turned.Answer.TrySetException(new QueryRefusedException(refused.Reason));
                break;
        }
        return true;
    }

    private void Fail(string reason)
    {
        foreach (var (id, _) in open)
            if (open.TryRemove(id, out var question))
                question.Answer.TrySetException(new QueryRefusedException($"The worker that was to answer is gone: {reason}. Ask again: another is started."));
    }

    private static Process NewProcess(WorkerLaunch launch, string socketPath)
    {
        var start = new ProcessStartInfo(launch.FileName)
        {
            RedirectStandardInput = true, // Held open while this process lives: its end is how the worker learns of ours.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in launch.Arguments.Append("--socket").Append(socketPath))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in launch.Environment)
            start.Environment[name] = value;
        return new Process { StartInfo = start };
    }

    private static void Write(string? line, Action<string> write)
    {
        if (line is not null)
            write(line);
    }

    private sealed record Question(Action<QueryProgress> Progress)
    {
        public TaskCompletionSource<RetrieverAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
