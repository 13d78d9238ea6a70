using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A `jf serve` and its agents as real processes of one user of their own.</summary>
public sealed class ServedCluster : IAsyncDisposable
{
    private const int Sigkill = 9;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string dataRoot;
    private readonly List<JfProcess> processes = [];
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
    private readonly ImmutableDictionary<string, string> environment;

    /// <param name="dataRoot">What specs may read.</param>
    /// <param name="journal">Of a database; null: a file.</param>
    public ServedCluster(string dataRoot, string? journal = null)
    {
        this.dataRoot = dataRoot;
        Folder = TestPaths.NewFolder("served");
        environment = ImmutableDictionary<string, string>.Empty.Add("JF_STATE", Path.Combine(Folder, "state")).Add("JF_JOURNAL", journal ?? "");
    }

    public string Folder { get; }

    /// <summary>What agents and clients are given.</summary>
    public string Url { get; set; } = "http://127.0.0.1:0";

    public JfProcess Server { get; private set; } = null!;

    public ExperimentFolder Experiment(string name) => new(Path.Combine(Folder, "root", name));

    /// <summary>The first takes a free port; those after it take the same one.</summary>
    public async Task StartServerAsync()
    {
        Server = StartServer(Url);
        Url = await Server.LineAsync("Server: ");
    }

    public JfProcess StartServer(string url) => Start("serve", "--root", "root", "--listen", url, "--data-root", dataRoot);

    /// <summary>Returns once it has joined.</summary>
    /// <param name="cores">That its workers share; null: a half of the machine each, which is what <c>jf run</c> gives each of two workers.</param>
    public async Task<JfProcess> StartAgentAsync(string name, int workers = 1, int? cores = null)
    {
        var agent = Start("agent", "--join", Url, "--name", name, "--workers", $"{workers}", "--cores", $"{cores ?? Math.Max(1, Environment.ProcessorCount / 2) * workers}");
        await agent.LineAsync("Joined.");
        return agent;
    }

    public JfProcess Start(params IEnumerable<string> arguments) => Start(environment, arguments);

    /// <param name="own">In place of this user's environment.</param>
    public JfProcess Start(ImmutableDictionary<string, string> own, params IEnumerable<string> arguments)
    {
        var process = JfProcess.Start(Folder, own, arguments);
        processes.Add(process);
        return process;
    }

    /// <summary>A verb that ends by itself.</summary>
    public Task<JfResult> RunAsync(params IEnumerable<string> arguments) => JfProcess.RunAsync(Folder, environment, [.. arguments, "--server", Url]);

    public static async Task KillAsync(JfProcess process)
    {
        JfProcess.Signal(process.Id, Sigkill);
        await process.EndAsync();
    }

    public IReadOnlyList<StepMetrics> Metrics(string experiment, string run = "early") => SmallExperiment.MetricsOf(Experiment(experiment).Run(run));

    /// <summary>Returns once the run has taken so many steps.</summary>
    public async Task StepTakenAsync(string experiment, int step, string run = "early")
    {
        var metrics = Experiment(experiment).Run(run).Metrics;
        await UntilAsync(async () => File.Exists(metrics) && (await File.ReadAllLinesAsync(metrics)).Length >= step, () => $"step {step} was not taken");
    }

    /// <summary>Returns once the file holds the words.</summary>
    public Task NotedAsync(string path, string words) =>
        UntilAsync(async () => File.Exists(path) && (await File.ReadAllTextAsync(path)).Contains(words, StringComparison.Ordinal), () => $"{path} does not say \"{words}\"");

    /// <summary>Asks the API until the run, or the experiment, is as wanted: what `jf status EXPERIMENT/RUN --json` prints.</summary>
    /// <param name="what">EXPERIMENT or EXPERIMENT/RUN.</param>
    public Task<JsonElement> StatusAsync(string what, Func<JsonElement, bool> wanted) =>
        AnswerAsync($"/api/v1/{(what.Contains('/', StringComparison.Ordinal) ? "runs" : "experiments")}/{what}", wanted);

    /// <summary>Asks the servers until one answers as wanted.</summary>
    public async Task<JsonElement> AnswerAsync(string path, Func<JsonElement, bool> wanted)
    {
        var shown = "no server answered";
        JsonElement answer = default;
        await UntilAsync(
            async () =>
            {
                foreach (var url in Url.Split(','))
                {
                    using var response = await AskAsync(url, path, CancellationToken.None);
                    if (response is null)
                        continue;
                    shown = await response.Content.ReadAsStringAsync();
                    if (response.StatusCode == HttpStatusCode.OK && wanted(answer = JsonDocument.Parse(shown).RootElement))
                        return true;
                }
                return false;
            },
            () => shown);
        return answer;
    }

    /// <returns>Null: it does not answer.</returns>
    public async Task<HttpResponseMessage?> AskAsync(string url, string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenFile.Open(Path.Combine(Folder, "state")).Text);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(2)); // A frozen one takes the connection and says nothing.
        try
        {
            return await http.SendAsync(request, patience.Token);
        }
        catch (Exception away) when (away is HttpRequestException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        foreach (var process in processes.AsEnumerable().Reverse())
            await process.DisposeAsync();
    }

    private async Task UntilAsync(Func<Task<bool>> isSo, Func<string> otherwise)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{otherwise()}\n{string.Join('\n', processes.Select(process => process.Output + process.Errors))}");
            await Task.Delay(50, CancellationToken.None);
        }
    }
}
