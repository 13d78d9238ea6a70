using System.Net;
using System.Reflection;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Pages as they are served, before any script has run.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private readonly TemporaryExperiment experiment = new(new FixtureRun("early", Fusion.Early) { Steps = 40 });
    private readonly TemporaryFolder folder = new();
    private readonly FakeFeed feed = new();
    private readonly TokenBook tokens;
    private FakeDesk desk = null!;
    private DashboardHost host = null!;

    public PageTests() => tokens = new TokenBook(folder.In("tokens.json"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(LiveRunState.Training, "one/early"));
        host = await DashboardHost.StartAsync(
            new DashboardOptions { Command = "jf serve", Tokens = tokens }, feed, new LiveSource("root", IsOneExperiment: false, name => experiment.Folder.Run(name.Split('/')[^1])), desk,
            TimeProvider.System, Cancel);
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "one/early"));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(ApiRole.Viewer, false, false, false)]
    [InlineData(ApiRole.Submitter, true, true, false)]
    [InlineData(ApiRole.Admin, true, true, true)]
    public async Task Should_offer_what_the_role_may_do(ApiRole role, bool pause, bool fork, bool drain)
    {
        SaveCheckpoint();
        var token = tokens.Create("someone", role, null, DateTimeOffset.UtcNow).Text;

        var (run, cluster) = (await PageAsync("/runs/one/early", token, "Checkpoints"), await PageAsync("/cluster", token, "node-1"));

        Assert.Contains("data-checkpoint=\"20\"", run, StringComparison.Ordinal);
        Assert.Equal((pause, fork, drain), (run.Contains(">Pause</button>", StringComparison.Ordinal), run.Contains("Fork…", StringComparison.Ordinal), cluster.Contains(">Drain<", StringComparison.Ordinal)));
        Assert.Contains($"someone<span class=\"role\">{role.ToString().ToLowerInvariant()}", run, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 0, 3, 7 }, new[] { 0 })]
    [InlineData(new[] { 1, 2, 4, 6, 8 }, new[] { 1, 2 })]
    [InlineData(new[] { 3 }, new int[0])]
    public async Task Should_offer_to_look_for_what_the_data_set_has_when_words_are_given(int[] has, int[] offered)
    {
        SaveCheckpoint();
        desk.Retrievers.Tasks = [.. has];

        var page = await PageAsync("/playground", tokens.Create("wall", ApiRole.Viewer, null, DateTimeOffset.UtcNow).Text, "anything in the data set");

        Assert.Equal(offered, Enumerable.Range(0, 9).Where(task => page.Contains($"(task {task})", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Should_offer_all_tasks_when_the_data_set_cannot_be_looked_at()
    {
        SaveCheckpoint();
        desk.Retrievers.Refusal = ApiException.NotFound("The data are gone.");

        var page = await PageAsync("/playground", tokens.Create("wall", ApiRole.Viewer, null, DateTimeOffset.UtcNow).Text, "anything in the data set");

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 9).Where(task => page.Contains($"(task {task})", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/nosuch", HttpStatusCode.NotFound)]
    [InlineData("/runs/one/nobody", HttpStatusCode.OK)]
    [InlineData("/cluster", HttpStatusCode.OK)]
    [InlineData("/runs?state=nonsense&page=7&sort=17", HttpStatusCode.OK)]
    public async Task Should_answer_every_address_with_a_page(string path, HttpStatusCode status)
    {
        using var client = Client(tokens.Create("wall", ApiRole.Viewer, null, DateTimeOffset.UtcNow).Text);

        var answer = await client.GetAsync(path, Cancel);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("<main id=\"main\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public void Should_lead_to_pages_that_are_there()
    {
        var routes = typeof(DashboardHost).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template).ToHashSet();

        var links = Navigation.For(ApiRole.Admin, new ServerDesk(new FakeDesk(new ExperimentFolder("none"), () => LiveCluster.Empty), new FakeRetrievers())).ToList();

        Assert.Equal(["Runs", "Cluster"], links.Take(2).Select(link => link.Title));
        Assert.All(links, link => Assert.Contains($"/{link.Path}", routes));
        Assert.Equal(links.Count, links.Select(link => link.Place).Distinct().Count());
        Assert.True(Navigation.Leads(links[0], "") && Navigation.Leads(links[0], "runs/one/early") && !Navigation.Leads(links[1], "runs"));
    }

    private void SaveCheckpoint()
    {
        Directory.CreateDirectory(experiment.Folder.Run("early").Checkpoint(20));
        File.WriteAllText(
            Path.Combine(experiment.Folder.Run("early").Checkpoint(20), "manifest.json"),
            """{"schema":1,"run":"early","science_hash":"s","plan_hash":"p","generation":1,"step":20,"stage":"instruction","ledger":"l","world_size":1,"files":[{"name":"model.safetensors","bytes":1200000,"sha256":"a"}]}""");
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>Asks again until the board has looked at the cluster.</summary>
    private async Task<string> PageAsync(string path, string token, string wanted)
    {
        using var client = Client(token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var page = await client.GetStringAsync(path, limit.Token);
            if (page.Contains(wanted, StringComparison.Ordinal))
                return page;
            await Task.Delay(20, limit.Token);
        }
    }
}
