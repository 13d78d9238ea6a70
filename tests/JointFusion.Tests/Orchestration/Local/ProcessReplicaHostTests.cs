using System.Collections.Immutable;
using System.Net.Sockets;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class ProcessReplicaHostTests : IDisposable
{
    private readonly DirectoryInfo logs = Directory.CreateTempSubdirectory("jf-test-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => logs.Delete(recursive: true);

    [Fact]
    public async Task Should_tell_exit_code_and_last_words_when_a_worker_exits()
    {
        await using var host = Shell("echo hello; echo out of luck >&2; exit 3");
        var exit = await ExitOf(host);

        Assert.Equal(3, exit.ExitCode);
        Assert.Equal($"worker process {exit.Pid} exited with code 3; its last words: out of luck", exit.Reason);
        Assert.Equal(["hello", "out of luck"], (await File.ReadAllLinesAsync(Path.Combine(logs.FullName, "worker-0.log"), Cancel)).Order());
    }

    [Fact]
    public async Task Should_tell_what_was_thrown_when_the_trace_below_it_is_long()
    {
        await using var host = Shell("(echo 'Unhandled exception. It: broke'; seq -f 'at frame %g' 30) >&2; exit 134");
        var exit = await ExitOf(host);
        Assert.Contains("; its last words: Unhandled exception. It: broke | at frame 19 | ", exit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_name_the_signal_when_a_worker_is_killed()
    {
        await using var host = Shell("kill -9 $$");
        var exit = await ExitOf(host);
        Assert.Equal(137, exit.ExitCode);
        Assert.Contains("SIGKILL", exit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_end_the_process_and_say_why_when_the_agent_kills_it()
    {
        await using var host = Shell("exec sleep 600");
        var told = new Told();
        var worker = host.Start(0, told);
        await told.Pid.Task.WaitAsync(Cancel);
        worker.Kill("it was in the way");
        var exit = await told.Exit.Task.WaitAsync(Cancel);
        Assert.Equal($"worker process {exit.Pid} was ended by its agent: it was in the way", exit.Reason);
        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(exit.Pid));
    }

    [Fact]
    public async Task Should_kill_a_worker_when_it_breaks_the_protocol()
    {
        var written = Path.Combine(logs.FullName, "endpoint");
        await using var host = Shell($"echo $1 > {written}.part; mv {written}.part {written}; exec sleep 600"); // Started with --socket PATH.
        var told = new Told();
        host.Start(0, told);
        while (!File.Exists(written))
            await Task.Delay(10, Cancel);
        var endpoint = (await File.ReadAllTextAsync(written, Cancel)).Trim();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint), Cancel);
        await socket.SendAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f }, Cancel);
        var exit = await told.Exit.Task.WaitAsync(Cancel);
        Assert.Contains("it broke the link's protocol: A frame of 2147483647 bytes", exit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_leave_no_process_and_no_socket_when_disposed()
    {
        var host = Shell("exec sleep 600");
        var told = new Told();
        host.Start(0, told);
        var pid = await told.Pid.Task.WaitAsync(Cancel);
        await host.DisposeAsync();
        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(pid));
        Assert.Equal("its agent ended", (await told.Exit.Task.WaitAsync(Cancel)).Reason.Split(": ")[^1]);
    }

    [Fact]
    public void Should_keep_others_out_and_paths_short_when_sockets_are_made()
    {
        using var folder = new SocketFolder();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder.FullName).UnixFileMode);
        Assert.Contains("TMPDIR", Assert.Throws<InvalidOperationException>(() => folder.Socket(new string('x', 108))).Message, StringComparison.Ordinal);
    }

    private ProcessReplicaHost Shell(string script) => new(
        new WorkerLaunch("sh", ["-c", script], ImmutableDictionary<string, string>.Empty), logs.FullName);

    private static async Task<WorkerExit> ExitOf(ProcessReplicaHost host)
    {
        var told = new Told();
        host.Start(0, told);
        return await told.Exit.Task.WaitAsync(Cancel);
    }

    private sealed class Told : IReplicaWorkerEvents
    {
        public TaskCompletionSource<int> Pid { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource<WorkerExit> Exit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Started(int pid) => Pid.SetResult(pid);

        public void Received(WorkerMessage message)
        {
        }

        public void Exited(WorkerExit exit) => Exit.SetResult(exit);
    }
}
