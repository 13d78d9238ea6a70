using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace JointFusion.Orchestration;

/// <summary>One worker process: spawned, connected, read until it hangs up, and its exit told when all it said has been heard.</summary>
/// <param name="runLogs">Whether what it says is also written into the folder of the run that it works on.</param>
internal sealed class WorkerChild(WorkerLaunch launch, string socketPath, WorkerLog log, bool runLogs, IReplicaWorkerEvents events) : IReplicaWorker
{
    /// <summary>A worker ends within 30 s of its link; one that still lives after this never will.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(40);

    private readonly DropOldestQueue<AgentMessage> outgoing = new(capacity: 0, mayDrop: _ => false);
    private readonly Lock gate = new();
    private Process? process;
    private string? killReason;

    /// <summary>Completes once the exit has been told.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start(Action ended) => Ended = Task.Run(async () =>
    {
        try
        {
            await LiveAsync();
        }
        finally
        {
            log.Dispose();
            File.Delete(socketPath);
            ended();
        }
    });

    public void Send(AgentMessage message)
    {
        if (runLogs && message is AgentMessage.Prepare prepare)
            log.Follow(RunLog.Open(prepare.Order));
        outgoing.Add(message);
    }

    public void Kill(string reason)
    {
        lock (gate)
        {
            if (killReason is not null)
                return;
            killReason = reason;
            process?.Kill();
        }
    }

    private async Task LiveAsync()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        listener.Listen(1);
        using var child = NewProcess();
        try
        {
            child.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            outgoing.Complete();
            events.Exited(new WorkerExit(0, null, $"'{launch.FileName}' could not be started: {e.Message}"));
            return;
        }
        Adopt(child);
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        events.Started(child.Id);
        using var connecting = new CancellationTokenSource();
        var talk = TalkAsync(listener, connecting.Token);
        await child.WaitForExitAsync();
        LetGo();
        await connecting.CancelAsync();
        await talk;
        events.Exited(ExitOf(child));
    }

    private void Adopt(Process child)
    {
        lock (gate)
        {
            process = child;
            if (killReason is not null)
                child.Kill();
        }
    }

    /// <summary>There is nothing to kill any more, and soon no object to ask.</summary>
    private void LetGo()
    {
        lock (gate)
            process = null;
    }

    /// <summary>Accepts the worker's one connection and hands over what it says, on a thread of its own.</summary>
    private async Task TalkAsync(Socket listener, CancellationToken cancel)
    {
        Socket connection;
        try
        {
            connection = await listener.AcceptAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            outgoing.Complete();
            return; // It died before it connected.
        }
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = new Thread(() => Listen(connection, heard)) { IsBackground = true, Name = "worker link reader" };
        reader.Start();
        await heard.Task;
        await KillIfItLingersAsync(cancel);
    }

    private void Listen(Socket connection, TaskCompletionSource heard)
    {
        using var link = new MessageLink<AgentMessage, WorkerMessage>(
            new NetworkStream(connection, ownsSocket: true), LinkJson.Default.AgentMessage, LinkJson.Default.WorkerMessage, outgoing);
        link.Start("worker link");
        try
        {
            link.ReadToEnd(message =>
            {
                log.Say(message);
                events.Received(message);
                return true;
            });
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

    private async Task KillIfItLingersAsync(CancellationToken exited)
    {
        try
        {
            await Task.Delay(LingerTime, exited);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Kill($"it hung up and did not exit within {LingerTime.TotalSeconds:F0} s");
    }

    private WorkerExit ExitOf(Process child)
    {
        var exit = WorkerExit.Of(child.Id, child.ExitCode, log.LastErrors);
        lock (gate)
            return killReason is null ? exit : exit with { Reason = $"worker process {child.Id} was ended by its agent: {killReason}" };
    }

    private Process NewProcess()
    {
        var start = new ProcessStartInfo(launch.FileName)
        {
            RedirectStandardInput = true, // Held open while this process lives: its end is how a worker learns of ours.
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in launch.Arguments.Append("--socket").Append(socketPath))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in launch.Environment)
            start.Environment[name] = value;
        var child = new Process { StartInfo = start };
        child.OutputDataReceived += (_, line) => Log(line.Data, log.Output);
        child.ErrorDataReceived += (_, line) => Log(line.Data, log.Error);
        return child;
    }

    private static void Log(string? line, Action<string> write)
    {
        if (line is not null)
            write(line);
    }
}
