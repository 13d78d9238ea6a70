using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace JointFusion.Dashboard;

/// <summary>What the pages need that write, compare and ask.</summary>
internal static class ServerPages
{
    /// <summary>Bytes that a page may send at once: a spec, every character of it escaped.</summary>
    private const long LongestMessage = 6L * SpecEditor.Longest + 4096;

    public static void AddServerPages(this IServiceCollection services, ExperimentShelf shelf)
    {
        services.AddSingleton(shelf).AddSingleton<SweepReader>().AddSingleton<OutcomeReader>().AddSingleton(_ => new SpecCompleter(SpecSchemaView.Create()));
        services.AddServerSideBlazor().AddHubOptions(hub => hub.MaximumReceiveMessageSize = LongestMessage);
    }

    public static void MapServerPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/editor.js", () => Asset("editor.js", "text/javascript"));
        foreach (var sheet in (string[])["submit.css", "sweeps.css", "playground.css"])
            routes.MapGet($"/{sheet}", () => Asset(sheet, "text/css"));
    }

    private static IResult Asset(string name, string mediaType) => Results.Stream(EmbeddedAssets.Open(name), mediaType);
}
