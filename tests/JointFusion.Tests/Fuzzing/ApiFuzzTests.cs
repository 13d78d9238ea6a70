using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Requests by the hundred that are almost right, before the real server: the desk that plans specs, over a real coordinator.</summary>
public sealed class ApiFuzzTests : IAsyncLifetime
{
    private const int Requests = 500;
    private const int Unanswered = 0;
    private const string Search = "POST /api/v1/runs/one/early/search";

    /// <summary>For an answer, before the request is ended for a server that waits for the rest of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder folder = new();
    private readonly HostedCluster cluster = new();
    private readonly DashboardOptions options = new() { Command = "jf serve" };
    private ServedExperiments store = null!;
    private ExperimentDesk desk = null!;
    private DashboardHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await cluster.StartCoordinatorAsync();
        store = new ServedExperiments(folder.In("root"));
        desk = new ExperimentDesk(store, cluster.Client, new ClusterInfo("1.0", 1, "seed", "first"), new FakeRetrievers(), new DataRoots([folder.Path]), new FakeDataCatalog(Plans.Data), cores: 4, new SqliteJournal(cluster.Journal));
        host = await DashboardHost.StartAsync(
            options with { Audit = new AuditLog(folder.In("root", "audit.jsonl")) }, new ServerFeed(cluster.Client), new LiveSource("root", IsOneExperiment: false, store.RunFolderOf), desk, TimeProvider.System, Cancel);
        await desk.SubmitAsync(new SpecUpload("one", "small.yaml", SpecTexts.Valid));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        desk.Dispose();
        store.Dispose();
        await cluster.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Should_answer_clearly_and_go_on_serving_when_requests_are_mutated()
    {
        var mutations = new Mutations(seed: 1);
        Dictionary<int, int> answers = [];
        foreach (var batch in Enumerable.Range(0, Requests).Select(i => Request(mutations, i)).Chunk(25))
        {
            foreach (var (sent, answer) in batch.Zip(await Task.WhenAll(batch.Select(request => SendAsync(request.Bytes)))))
            {
                answers[answer.Status] = answers.GetValueOrDefault(answer.Status) + 1;
                Judge(sent, answer);
            }
        }

        Assert.True(answers.Count >= 5 && answers.GetValueOrDefault(400) > 50, string.Join(", ", answers)); // The requests were of many kinds.
        var (ok, _, served) = await SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/experiments/one HTTP/1.1\r\nHost: {host.Url.Authority}\r\nAuthorization: Bearer {options.Token.Text}\r\nConnection: close\r\n\r\n"));
        Assert.Equal((200, true), (ok, served.Contains("\"name\":\"one/early\"", StringComparison.Ordinal)));
        Assert.Equal("one/early", (await cluster.Client.Snapshot()).Runs[0].Name);
        Assert.All(store.All, experiment => Assert.Equal(Path.GetFullPath(folder.In("root")), Path.GetDirectoryName(experiment.Folder.Path))); // What passed for a spec lies below the root.
    }

    private static void Judge((byte[] Bytes, bool IsTorn) sent, (int Status, string Head, string Body) answer)
    {
        var shown = $"was answered {answer.Status}: {answer.Body}\n{Encoding.UTF8.GetString(sent.Bytes)}";
        if (answer.Status == Unanswered)
            Assert.True(sent.IsTorn, shown); // Its head or its length was wrong: the server waited for more.
        else if (answer.Head.Contains("application/problem+json", StringComparison.Ordinal))
            Assert.True(answer.Status is >= 400 and < 500 && JsonSerializer.Deserialize(answer.Body, ApiJson.Default.ApiProblem) is { Detail.Length: > 10 }, shown);
        else
            Assert.True((answer.Status is >= 200 and < 500 || sent.IsTorn && answer.Status == 505) && !answer.Body.Contains("Exception", StringComparison.Ordinal), shown);
    }

    /// <summary>One endpoint's right request, with mistakes in the body, the path, the query or anywhere.</summary>
    private (byte[] Bytes, bool IsTorn) Request(Mutations mutations, int number)
    {
        string[] targets =
        [
            $"PUT /api/v1/experiments/fuzz-{number}?file=a.yaml", "PUT /api/v1/experiments/one", "GET /api/v1/experiments/one", "GET /api/v1/experiments", "GET /api/v1/cluster",
            "GET /api/v1/nodes", "GET /api/v1/runs", "GET /api/v1/runs/one/early", "GET /api/v1/runs/one/early/metrics?since=1",
            "GET /api/v1/runs/one/early/metrics?metric=loss&from=1&to=20&points=100", "GET /api/v1/runs/one/early/events?after=1&limit=5", "GET /api/v1/runs/one/early/checkpoints",
            "GET /api/v1/runs/one/early/lineage", "GET /api/v1/runs/one/early/plan", "GET /api/v1/runs/one/early/logs?rank=0&follow=false",
            "POST /api/v1/runs/one/early/pause", "POST /api/v1/runs/one/early/cancel", "POST /api/v1/runs/one/early/resume", "POST /api/v1/experiments/one/pause",
            "POST /api/v1/runs/one/early/priority?to=5", "POST /api/v1/runs/pause", "POST /api/v1/runs/priority?to=5", $"PUT /api/v1/runs/one/early/forks/fork-{number}?checkpoint=12",
            "POST /api/v1/experiments/one/cancel", "POST /api/v1/experiments/one/resume", "POST /api/v1/nodes/gpu1/drain", "POST /api/v1/nodes/gpu1/undrain",
            "POST /api/v1/nodes/gpu1/workers/0/release", Search, "GET /api/v1/runs/one/early/candidates/picture?id=9:1", "GET /api/v1/runs/one/early/queries/picture?id=9:1", "GET /", "GET /healthz", "POST /_blazor/negotiate?negotiateVersion=1", "POST /_blazor",
        ];
        // Most bodies are specs: they are what is parsed.
        var target = mutations.Number(2) == 0 ? targets[0] : mutations.One(targets);
        var where = target.StartsWith("PUT", StringComparison.Ordinal) ? mutations.Number(4) : mutations.Number(3) + 1;
        var body = target == Search ? mutations.Of("{\"text\":\"a red heart\",\"picture\":\"AQID\",\"task\":7,\"top\":3,\"step\":20}"u8.ToArray()) : where == 0 || target.StartsWith("PUT", StringComparison.Ordinal) ? mutations.Of(Encoding.UTF8.GetBytes(SpecTexts.Valid)) : mutations.Noise(mutations.Number(100));
        if (where == 1)
            target = Escaped(mutations, target);
        var head = Encoding.UTF8.GetBytes(
            $"{target} HTTP/1.1\r\nHost: {host.Url.Authority}\r\nAuthorization: Bearer {options.Token.Text}\r\nContent-Type: application/yaml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        return ([.. where == 2 ? mutations.Of(head) : head, .. body], where == 2);
    }

    /// <summary>With mistakes in its path and query that a client could send, percent-encoded where it must.</summary>
    private static string Escaped(Mutations mutations, string target)
    {
        var (method, rest) = (target.Split(' ')[0], target.Split(' ')[1]);
        var spoilt = mutations.Of(rest);
        return $"{method} /{string.Concat(spoilt.TrimStart('/').Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '?' or '=' or '&' or '.' or '%' or '-' ? $"{letter}" : letter is '[' or ']' ? "x" : Uri.EscapeDataString(char.IsSurrogate(letter) ? "?" : $"{letter}")))}";
    }

    /// <summary>Sends the bytes as they are, and reads to the end.</summary>
    private async Task<(int Status, string Head, string Body)> SendAsync(byte[] request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Url.Host, host.Url.Port, Cancel);
        using var answer = new MemoryStream();
        try
        {
            await socket.SendAsync(request, Cancel);
            await using var stream = new NetworkStream(socket);
            var reading = stream.CopyToAsync(answer, Cancel);
            if (await Task.WhenAny(reading, Task.Delay(Patience, Cancel)) != reading)
                socket.Shutdown(SocketShutdown.Send);
            await reading;
        }
        catch (Exception hungUp) when (hungUp is SocketException or IOException)
        {
            // It has answered before it had read all.
        }
        var text = Encoding.UTF8.GetString(answer.ToArray());
        var parts = text.Split("\r\n\r\n", 2);
        return text.Length == 0 ? (Unanswered, "", "") : (int.Parse(text.AsSpan("HTTP/1.1 ".Length, 3)), parts[0], Unchunked(parts[0], parts[^1]));
    }

    private static string Unchunked(string head, string body)
    {
        if (!head.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal))
            return body;
        var bytes = Encoding.UTF8.GetBytes(body);
        List<byte> whole = [];
        for (var at = 0; Array.IndexOf(bytes, (byte)'\r', at) is var end and > 0;)
        {
            var length = Convert.ToInt32(Encoding.ASCII.GetString(bytes, at, end - at), 16);
            whole.AddRange(bytes.AsSpan(end + 2, length));
            at = end + 2 + length + 2;
            if (length == 0)
                break;
        }
        return Encoding.UTF8.GetString([.. whole]);
    }
}
