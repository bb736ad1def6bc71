using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Onramp.Starter.Http;

namespace Onramp.Starter.OpenApi;

/// <summary>The API's description. Everything in it comes from the endpoints themselves; here is said how it is put together.</summary>
internal static class ApiDocument
{
    private const string TokenScheme = "token";
    private const string ProblemPrefix = "urn:onramp:problem:";

    /// <summary>The preview has a document of its own: what is under review stays as it was reviewed.</summary>
    public const string Preview = "v2-preview";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", Describe).AddOpenApi(Preview, Describe);

    private static void Describe(OpenApiOptions api)
    {
        api.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        api.AddDocumentTransformer((document, context, _) =>
        {
            Introduce(document, context.DocumentName);
            return Task.CompletedTask;
        });
        api.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            AddParameters(operation, metadata.OfType<DocumentedParameter>());
            AddAnswers(operation, metadata.OfType<DocumentedAnswer>());
            AddRequests(operation, metadata.OfType<DocumentedRequest>());
            AddProblems(operation, metadata.OfType<DocumentedProblem>());
            ResponseHeaders.AddTo(operation);
            Sort(operation);
            return Task.CompletedTask;
        });
        api.AddSchemaTransformer((schema, context, _) =>
        {
            // Without a type, words could be anything.
            if (context.JsonTypeInfo.Type.IsEnum)
                schema.Type = JsonSchemaType.String;
            RequestSchemas.Constrain(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
    }

    private static void Introduce(OpenApiDocument document, string version)
    {
        document.Info = new OpenApiInfo { Title = "Onramp", Version = version, Description = "Takes a service from asked for to running." };
        // Where it is depends on who asks; the paths do not.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [TokenScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API token: it says who calls and for which groups they may approve. An API without tokens listens on the loopback "
                    + "address only, asks for none, and lets callers say who they are.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(TokenScheme, document)] = [] }];
    }

    private static void AddParameters(OpenApiOperation operation, IEnumerable<DocumentedParameter> parameters)
    {
        operation.Parameters ??= [];
        foreach (var parameter in parameters.Select(p => p.Create()))
        {
            if (operation.Parameters.FirstOrDefault(p => p.Name == parameter.Name && p.In == parameter.In) is { } known)
                operation.Parameters.Remove(known);
            operation.Parameters.Add(parameter);
        }
    }

    /// <summary>Answers in the order of their statuses, whichever of the endpoint's parts told of them first.</summary>
    private static void Sort(OpenApiOperation operation)
    {
        var sorted = new OpenApiResponses();
        foreach (var (status, answer) in operation.Responses!.OrderBy(r => r.Key, StringComparer.Ordinal))
            sorted.Add(status, answer);
        operation.Responses = sorted;
    }

    private static void AddRequests(OpenApiOperation operation, IEnumerable<DocumentedRequest> examples)
    {
        if (operation.RequestBody is not OpenApiRequestBody body)
            return;
        body.Required = true;
        foreach (var content in body.Content!.Values)
            content.Examples = examples.ToDictionary(e => e.Name, e => (IOpenApiExample)new OpenApiExample { Value = Json(e.Body) }, StringComparer.Ordinal);
    }

    private static void AddAnswers(OpenApiOperation operation, IEnumerable<DocumentedAnswer> examples)
    {
        foreach (var example in examples)
        {
            foreach (var (type, content) in operation.Responses!.Where(r => r.Key[0] == '2').SelectMany(r => r.Value.Content!))
            {
                content.Example = Json(example.Body);
                // The framework describes what an event is made of, not what is on the wire.
                if (type == "text/event-stream")
                    content.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
        }
    }

    /// <summary>The examples of a status are the kinds of problem that it stands for.</summary>
    private static void AddProblems(OpenApiOperation operation, IEnumerable<DocumentedProblem> problems)
    {
        foreach (var status in problems.GroupBy(p => $"{p.Problem.Status}", p => p.Problem, StringComparer.Ordinal))
        {
            if (!operation.Responses!.TryGetValue(status.Key, out var answer) || answer is not OpenApiResponse response)
                continue;
            response.Description = string.Join("; or ", status.Select(p => p.Title).Distinct(StringComparer.Ordinal));
            var content = response.Content![Problem.ContentType];
            content.Examples = new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
            foreach (var problem in status)
                content.Examples.TryAdd(NameOf(problem), new OpenApiExample { Summary = problem.Detail, Value = Json(problem) });
        }
    }

    private static string NameOf(Problem problem) =>
        string.Join('-', problem.Errors.Select(e => $"{e.Field}-{e.Rule}").Prepend(problem.Type[ProblemPrefix.Length..]));

    private static JsonNode Json(object value) => JsonSerializer.SerializeToNode(value, value.GetType(), ApiJson.Options)!;
}
