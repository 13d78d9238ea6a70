using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A scratch cluster of real processes: one server and three agents of a worker each, a worker more than the run needs.</summary>
/// <remarks>
/// <code>
/// FOLDER/share             root of the server: experiments, checkpoints, journal; the agents see it too
/// FOLDER/server, a, b, c   each machine's own: state, certificates, temporary files, what it said
/// </code>
/// </remarks>
internal sealed class DrillCluster : IAsyncDisposable
{
    private static readonly ImmutableArray<string> Names = ["a", "b", "c"];
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly IMachines machines;
    private readonly Dictionary<string, DrillProcess> agents = [];
    private DrillProcess? server;
    private string url;
    private ApiClient? api;

    private DrillCluster(string folder, IMachines machines)
    {
        (this.folder, this.machines) = (folder, machines);
        url = $"https://{machines.Server.Address}:0";
    }

    public string Share => ShareOf(folder);

    public string Journal => Path.Combine(Share, "journal.db");

    public ApiClient Api => api!;

    public IMachines Machines => machines;

    /// <param name="folder">Of a cluster.</param>
    public static string ShareOf(string folder) => Path.Combine(folder, "share");

    /// <summary>Returns once all agents have joined.</summary>
    public static async Task<DrillCluster> StartAsync(string folder, IMachines machines, CancellationToken cancel)
    {
        var cluster = new DrillCluster(folder, machines);
        try
        {
            await cluster.PrepareAsync();
            await cluster.MendAsync(cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts what has ended, so that the cluster is whole again.</summary>
    public async Task MendAsync(CancellationToken cancel)
    {
        if (server is null)
            await StartServerAsync(cancel);
        using var limit = Limit(cancel);
        foreach (var name in Names.Where(name => !agents.ContainsKey(name)))
        {
            var machine = await machines.AgentAsync(name);
            agents.Add(name, DrillProcess.Start(machine, Home(name), "agent", "--join", url, "--name", name, "--workers", "1", "--cores", $"{Math.Max(1, Environment.ProcessorCount / DrillExperiment.Workers)}", "--address", machine.Address, "--certs", Certs(name)));
        }
        foreach (var agent in agents.Values)
            await agent.LineAsync("Joined.", limit.Token);
        await UntilAsync(async () => (await NodesAsync(cancel)).Sum(node => node.Workers.Count(worker => worker.Phase == "idle" || worker.Run is not null)) == Names.Length, "all workers are ready", StartTime, cancel);
    }

    public async Task StartServerAsync(CancellationToken cancel)
    {
        using var limit = Limit(cancel);
        server = DrillProcess.Start(machines.Server, Home("server"), "serve", "--root", Share, "--listen", url, "--certs", Certs("server"), "--data-root", UserFolders.Cache);
        url = await server.LineAsync("Server: ", limit.Token);
        var token = (await server.LineAsync("Live page: ", limit.Token)).Split("?token=")[1];
        api?.Dispose();
        api = ApiClient.Open([new Uri(url)], ServerHttp.ForClient(Certs("server")), token);
    }

    public async Task KillServerAsync()
    {
        await server!.KillAsync();
        await server.DisposeAsync();
        server = null;
    }

    public async Task KillAgentAsync(string name)
    {
        await agents[name].KillAsync();
        await agents[name].DisposeAsync();
        agents.Remove(name);
    }

    /// <summary>What a worker of the node has written, whatever its attempt.</summary>
    public string WorkerLog(string node) => Path.Combine(DrillProcess.StateOf(Home(node)), "agents", node, "logs", "worker-0.log");

    /// <param name="name">Of the experiment.</param>
    public async Task<DrillRun> SubmitAsync(string name, CancellationToken cancel)
    {
        await Api.PutAsync($"/experiments/{name}?file=drill.yaml&user=drill", DrillExperiment.Yaml, ApiJson.Default.ExperimentInfo, cancel);
        return new DrillRun(this, name, new ExperimentFolder(Path.Combine(Share, name)).Run(DrillExperiment.Run));
    }

    public Task<ImmutableArray<LiveNode>> NodesAsync(CancellationToken cancel) => Api.GetAsync("/nodes", ApiJson.Default.ImmutableArrayLiveNode, cancel);

    /// <summary>Asks again while the server is away.</summary>
    /// <exception cref="DrillException">It is not so within the time.</exception>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what, TimeSpan within, CancellationToken cancel)
    {
        var look = TimeSpan.FromMilliseconds(50);
        var away = "";
        for (var deadline = DateTime.UtcNow + within; ; await Task.Delay(look, cancel))
        {
            try
            {
                if (await isSo())
                    return;
                away = "";
            }
            catch (AwayException reason)
            {
                away = $": {reason.Message}";
            }
            if (DateTime.UtcNow > deadline)
                throw new DrillException($"Not within {within.TotalSeconds:0} s: {what}{away}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        api?.Dispose();
        foreach (var process in agents.Values.Append(server).OfType<DrillProcess>())
            await process.DisposeAsync();
    }

    private static CancellationTokenSource Limit(CancellationToken cancel)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartTime);
        return limit;
    }

    private string Home(string machine) => Path.Combine(folder, machine);

    private string Certs(string machine) => Path.Combine(Home(machine), "certs");

    /// <summary>Each machine has its own certificate, and nothing of the others'.</summary>
    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(Share);
        var authority = new CertificateFolder(Directory.CreateDirectory(Path.Combine(folder, "authority")).FullName);
        authority.CreateAuthority(DateTimeOffset.UtcNow);
        List<Machine> all = [machines.Server];
        foreach (var name in Names)
            all.Add(await machines.AgentAsync(name));
        foreach (var machine in all)
        {
            authority.CreateNode(machine.Name, [machine.Name, machine.Address], DateTimeOffset.UtcNow);
            var own = new CertificateFolder(Directory.CreateDirectory(Certs(machine.Name)).FullName);
            File.Copy(authority.AuthorityCertificate, own.AuthorityCertificate);
            File.Copy(authority.Certificate(machine.Name), own.Certificate(machine.Name));
            File.Move(authority.Key(machine.Name), own.Key(machine.Name));
        }
    }
}
