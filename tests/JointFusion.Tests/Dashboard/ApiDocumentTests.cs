using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The API's own description: of every endpoint, in whole sentences, without a reference that leads nowhere.</summary>
public sealed partial class ApiDocumentTests : IAsyncLifetime
{
    private readonly TemporaryExperiment experiment = new(new FixtureRun("early", Fusion.Early) { Steps = 4 });
    private readonly HeardLoggers heard = new();
    private DashboardHost host = null!;
    private JsonElement document;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new DashboardOptions { Command = "jf serve", Loggers = heard };
        var desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(LiveRunState.Training, "one/early"));
        host = await DashboardHost.StartAsync(
            options, new FakeFeed(), new LiveSource("root", IsOneExperiment: false, name => experiment.Folder.Run(name.Split('/')[^1])), desk, TimeProvider.System, Cancel);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token.Text);
        var answer = await client.GetAsync(new Uri(host.Url, "/openapi/v1.json"), Cancel);
        Assert.True(answer.IsSuccessStatusCode, heard.ToString());
        document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        experiment.Dispose();
    }

    private IEnumerable<(string Name, JsonElement Operation)> Operations =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    [Fact]
    public void Should_name_every_endpoint_and_no_other()
    {
        var served =
            from endpoint in host.Endpoints.OfType<RouteEndpoint>()
            let path = Constraint().Replace('/' + endpoint.RoutePattern.RawText!.Trim('/'), "")
            where path.StartsWith("/api/", StringComparison.Ordinal) && !path.Contains("**", StringComparison.Ordinal) || path is "/healthz" or "/metrics"
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            select $"{method} {path}";

        Assert.Equal(served.Order(StringComparer.Ordinal), Operations.Select(operation => operation.Name).Order(StringComparer.Ordinal));
        Assert.Contains("POST /api/v1/runs/{experiment}/{run}/priority", Operations.Select(operation => operation.Name));
        Assert.True(Operations.Count() > 30);
    }

    [Fact]
    public void Should_say_what_each_does_for_whom_and_what_comes_back()
    {
        foreach (var (name, operation) in Operations)
        {
            Assert.True(operation.GetProperty("summary").GetString() is { Length: > 10 } summary && summary[^1] == '.', name);
            Assert.Matches("^For (viewers|submitters|admins)[.]$", operation.GetProperty("description").GetString());
            var answers = operation.GetProperty("responses").EnumerateObject().ToDictionary(answer => answer.Name, answer => answer.Value);
            Assert.True(answers.Keys.Any(status => status[0] == '2') && answers.ContainsKey("401"), name);
            Assert.Equal("#/components/schemas/ApiProblem", answers["default"].GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
            if (operation.TryGetProperty("parameters", out var parameters))
                Assert.All(parameters.EnumerateArray(), parameter => Assert.True(parameter.TryGetProperty("description", out var words) && words.GetString()!.Length > 5, $"{name}: {parameter}"));
        }
        Assert.Equal("For admins.", Of("POST /api/v1/nodes/{node}/drain").GetProperty("description").GetString());
        Assert.Equal("For submitters.", Of("PUT /api/v1/experiments/{name}").GetProperty("description").GetString());
    }

    [Fact]
    public void Should_describe_answers_as_they_are_written_and_ask_for_a_token()
    {
        var schema = Of("GET /api/v1/runs/{experiment}/{run}").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        var run = Schema(Schema(schema).GetProperty("properties").GetProperty("run"));
        var body = Of("POST /api/v1/runs/pause").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");

        Assert.Equal(["integer", "number", "string"], new[] { "step", "device_hours", "name" }.Select(member => run.GetProperty("properties").GetProperty(member).GetProperty("type").GetString()));
        Assert.Contains("training", Schema(run.GetProperty("properties").GetProperty("state")).GetProperty("enum").EnumerateArray().Select(state => state.GetString()));
        Assert.Equal("array", Schema(body).GetProperty("properties").GetProperty("runs").GetProperty("type").GetString());
        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("token");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.Equal(JsonValueKind.Array, document.GetProperty("security")[0].GetProperty("token").ValueKind);
    }

    [Fact]
    public void Should_lead_somewhere_with_every_reference()
    {
        var references = Reference().Matches(document.GetRawText()).Select(match => match.Groups["name"].Value).Distinct().ToList();

        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty(name, out _), name));
    }

    private JsonElement Of(string name) => Operations.Single(operation => operation.Name == name).Operation;

    private JsonElement Schema(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    [GeneratedRegex(@":[^}]*(?=\})")]
    private static partial Regex Constraint();

    [GeneratedRegex("\"#/components/schemas/(?<name>[^\"]+)\"")]
    private static partial Regex Reference();
}
