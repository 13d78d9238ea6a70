using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace JointFusion.Dashboard;

/// <summary>The API as an OpenAPI document, made from its endpoints.</summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Scheme = "token", ProblemName = nameof(ApiProblem);

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // In the document a number is one.
            json.SerializerOptions.Converters.Add(new SnakeCaseStates());
        });
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = endpoint => endpoint.RelativePath is { } path && (path.StartsWith("api/v1", StringComparison.Ordinal) || path is "healthz" or "metrics");
            options.AddOperationTransformer(CompleteAsync);
            options.AddDocumentTransformer(IntroduceAsync);
        });
        return services;
    }

    private static Task IntroduceAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "JointFusion",
            Version = context.ApplicationServices.GetRequiredService<IExperimentDesk>().Cluster.Version,
            Description = "A server of experiments. Within /api/v1 nothing is taken away or changes its meaning, and members may be added: pass over those that you do not know. "
                + "What is not done is answered by application/problem+json (RFC 9457), whose detail names the cause and the way out. A server that stands by answers 307 with the address of the one that leads, or 503 while none does.",
        };
        document.AddComponent(Scheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "The server's own token, which is an admin's, or one of `jf token create`. A viewer looks, a submitter also submits and commands what is theirs, an admin does so with everybody's and with the nodes.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        return Task.CompletedTask;
    }

    private static async Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var notes = context.Description.ActionDescriptor.EndpointMetadata;
        var demand = notes.OfType<Demand>().LastOrDefault();
        operation.Description = $"For {(demand is { Role: var role and not ApiRole.Viewer } ? $"{role.ToString().ToLowerInvariant()}s" : "viewers")}.";
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            ApiParameters.Describe(parameter);
        foreach (var asked in notes.OfType<QueryNote>())
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = asked.Name, In = ParameterLocation.Query, Required = true, Description = asked.Words, Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } });
        if (notes.OfType<BodyNote>().LastOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = body.Words,
                Required = body.IsRequired,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [body.MediaType] = new() { Schema = body.Type is null ? new OpenApiSchema { Type = JsonSchemaType.String } : await NamedAsync(body.Type, body.Type.Name, context, cancel) },
                },
            };
        }
        operation.Responses ??= [];
        operation.Responses["401"] = new OpenApiResponse { Description = "No token was shown, or none that the server knows." };
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "It was not done: the cause and the way out.",
            Content = new Dictionary<string, OpenApiMediaType> { [ServerApi.ProblemType] = new() { Schema = await NamedAsync(typeof(ApiProblem), ProblemName, context, cancel) } },
        };
    }

    private static async Task<IOpenApiSchema> NamedAsync(Type type, string name, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var document = context.Document!;
        if (document.Components?.Schemas?.ContainsKey(name) != true)
            document.AddComponent(name, await context.GetOrCreateSchemaAsync(type, cancellationToken: cancel));
        return new OpenApiSchemaReference(name, document);
    }
}
