using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>What the API's document says of an endpoint's body.</summary>
/// <param name="Type">Null: text.</param>
/// <param name="Words">For people.</param>
internal sealed record BodyNote(Type? Type, string MediaType, string Words, bool IsRequired = true);

/// <summary>A parameter of the query that an endpoint reads by itself.</summary>
internal sealed record QueryNote(string Name, string Words);

internal static class EndpointNotes
{
    private const string Json = "application/json";

    /// <summary>It only tells something.</summary>
    /// <param name="summary">For the API's document.</param>
    public static RouteHandlerBuilder Tells<T>(this RouteHandlerBuilder endpoint, string summary) => endpoint.WithSummary(summary).Produces<T>(StatusCodes.Status200OK, Json);

    /// <summary>It tells something that is no JSON of ours.</summary>
    public static RouteHandlerBuilder Tells(this RouteHandlerBuilder endpoint, string summary, string mediaType) =>
        endpoint.WithSummary(summary).Produces<string>(StatusCodes.Status200OK, mediaType);

    /// <summary>It does something, which has begun when it answers.</summary>
    public static RouteHandlerBuilder Does(this RouteHandlerBuilder endpoint, string summary) => endpoint.WithSummary(summary).Produces(StatusCodes.Status202Accepted);

    /// <summary>It makes what its path names, or finds that it was made: 201 or 200.</summary>
    public static RouteHandlerBuilder Makes<T>(this RouteHandlerBuilder endpoint, string summary) =>
        endpoint.WithSummary(summary).Produces<T>(StatusCodes.Status201Created, Json).Produces<T>(StatusCodes.Status200OK, Json);

    /// <summary>It takes a spec.</summary>
    public static RouteHandlerBuilder TakesSpec(this RouteHandlerBuilder endpoint, string words, bool isRequired = true) =>
        endpoint.WithMetadata(new BodyNote(null, "application/yaml", words, isRequired));

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, string words) => endpoint.WithMetadata(new BodyNote(typeof(T), Json, words));

    public static RouteHandlerBuilder Asks(this RouteHandlerBuilder endpoint, string name, string words) => endpoint.WithMetadata(new QueryNote(name, words));
}
