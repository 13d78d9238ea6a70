using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JointFusion.Dashboard;

/// <summary>What is asked of runs that are there: of one, of all of an experiment, or of those on a list.</summary>
/// <remarks>
/// <code>
/// POST /runs/EXPERIMENT/RUN/COMMAND
/// POST /experiments/EXPERIMENT/COMMAND
/// POST /runs/COMMAND                      {"runs": ["EXPERIMENT/RUN", "EXPERIMENT", ...]}
/// </code>
/// All of those named, or, where one is unknown or somebody else's, none.
/// </remarks>
internal static class RunCommands
{
    public static void MapRunCommands(this IEndpointRouteBuilder api)
    {
        Map(api, "pause", "Each takes a checkpoint and ends, to go on when it is resumed.", _ => new Order((desk, runs, by) => desk.PauseAsync(runs, by)));
        Map(api, "cancel", "Each ends soon, with time for no more than a quick checkpoint.", _ => new Order((desk, runs, by) => desk.CancelAsync(runs, by)));
        Map(api, "resume", "Queues those again that were paused or cancelled or have failed.", _ => new Order((desk, runs, by) => desk.ResumeAsync(runs, by)));
        foreach (var endpoint in Map(api, "priority", "Gives them another priority, from now on and whatever their specs say.", Prioritise))
            endpoint.Asks("to", "The priority: higher ones are placed first, and running lower ones make room for them. Specs that say nothing have 0.");
    }

    /// <param name="summary">For the API's document.</param>
    /// <param name="read">From a request to what is asked of its runs.</param>
    private static RouteHandlerBuilder[] Map(IEndpointRouteBuilder api, string command, string summary, Func<HttpRequest, Order> read)
    {
        RouteHandlerBuilder[] endpoints =
        [
            api.MapPost($"/experiments/{{name}}/{command}", (HttpContext context, ApiReader reader, IExperimentDesk desk, string name) =>
                DoAsync(context, desk, command, read, name, [new Named(name, reader.RunsOf(name))])).Does($"{summary} All runs of an experiment."),
            api.MapPost($"/runs/{{experiment}}/{{run}}/{command}", (HttpContext context, ApiReader reader, IExperimentDesk desk, string experiment, string run) =>
                DoAsync(context, desk, command, read, $"{experiment}/{run}", [new Named(experiment, [reader.Known(experiment, run)])])).Does($"{summary} One run."),
            api.MapPost($"/runs/{command}", async (HttpContext context, ApiReader reader, IExperimentDesk desk, CancellationToken cancel) =>
            {
                var names = await ListAsync(context, cancel);
                return await DoAsync(context, desk, command, read, string.Join(' ', names), Known(reader, names));
            }).Takes<NamedRuns>("Runs and experiments.").Does($"{summary} All on a list, or none where one is unknown or somebody else's."),
        ];
        foreach (var endpoint in endpoints)
            endpoint.Demand(ApiRole.Submitter, command);
        return endpoints;
    }

    private static async Task<IResult> DoAsync(
        HttpContext context, IExperimentDesk desk, string command, Func<HttpRequest, Order> read, string on, ImmutableArray<Named> named)
    {
        var (caller, order) = (context.Caller(), read(context.Request));
        context.Features.Set(new AuditedOn(on + order.Words));
        ImmutableArray<string> others =
        [
            .. from experiment in named.Select(each => each.Experiment).Distinct()
               let owner = desk.OwnerOf(experiment)
               where !caller.MayCommand(owner)
               select $"\"{experiment}\" is {owner}'s: to {command} it takes {owner}'s token or an admin's, and \"{caller.Name}\" is a submitter.",
        ];
        if (!others.IsEmpty)
            throw new ApiException(403, "Not allowed", string.Join(' ', others), others.Length > 1 ? others : []);
        await order.Ask(desk, [.. named.SelectMany(each => each.Runs).Distinct()], caller.Name);
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    /// <summary>A list as it is posted.</summary>
    private static async Task<ImmutableArray<string>> ListAsync(HttpContext context, CancellationToken cancel)
    {
        try
        {
            var list = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.NamedRuns, cancel);
            return list is { Runs.IsDefaultOrEmpty: false } && !list.Runs.Contains(null!) ? list.Runs : throw new JsonException("it lists none");
        }
        catch (JsonException strange)
        {
            throw ApiException.BadRequest($"The body is not {{\"runs\": [\"EXPERIMENT/RUN\", \"EXPERIMENT\"]}}: {strange.Message}");
        }
    }

    private static ImmutableArray<Named> Known(ApiReader reader, ImmutableArray<string> names)
    {
        List<string> unknown = [];
        List<Named> named = [];
        foreach (var name in names.Distinct())
        {
            try
            {
                named.Add(name.Split('/', 2) is [var experiment, var run] ? new Named(experiment, [reader.Known(experiment, run)]) : new Named(name, reader.RunsOf(name)));
            }
            catch (ApiException missing)
            {
                unknown.Add(missing.Problem.Detail);
            }
        }
        return unknown.Count == 0 ? [.. named] : throw new ApiException(404, "Not found", string.Join(' ', unknown), [.. unknown]);
    }

    private static Order Prioritise(HttpRequest request)
    {
        var to = request.Query["to"].ToString();
        return int.TryParse(to, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new Order((desk, runs, by) => desk.PrioritiseAsync(runs, number, by), $" to {number}")
            : throw ApiException.BadRequest($"to is the priority, a whole number such as 5 or -1, not \"{to}\".");
    }

    /// <param name="Ask">Asks the desk for it: of these runs, by whom.</param>
    /// <param name="Words">For the audit log, what follows the runs' names.</param>
    private sealed record Order(Func<IExperimentDesk, ImmutableArray<string>, string, Task> Ask, string Words = "");

    /// <summary>Runs of one experiment, as the cluster names them.</summary>
    private sealed record Named(string Experiment, ImmutableArray<string> Runs);
}

/// <summary>What the audit log says a request was about, where its route does not name all of it.</summary>
internal sealed record AuditedOn(string Text);
