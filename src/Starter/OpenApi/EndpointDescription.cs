using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Onramp.Starter.Http;

namespace Onramp.Starter.OpenApi;

/// <summary>A parameter that a handler's own type reads from the request, so that the framework does not know of it.</summary>
/// <param name="Create">Makes the description anew each time: documents change what they hold.</param>
internal sealed record DocumentedParameter(Func<OpenApiParameter> Create);

/// <summary>A problem that an endpoint answers with; an example of its status.</summary>
internal sealed record DocumentedProblem(Problem Problem);

/// <summary>An example of a request's body.</summary>
internal sealed record DocumentedRequest(string Name, object Body);

/// <summary>An example of a successful answer's body: an object that is written as JSON, or text as it comes.</summary>
internal sealed record DocumentedAnswer(object Body);

/// <summary>What is said of an endpoint beside its route.</summary>
internal static class EndpointDescription
{
    /// <summary>Tells that the endpoint can answer with each of these problems.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params Problem[] problems)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Refuse(problems));
        return builder;
    }

    public static TBuilder Shows<TBuilder>(this TBuilder builder, params object[] examples)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(examples);

    public static void Refuse(this EndpointBuilder endpoint, params Problem[] problems)
    {
        foreach (var problem in problems)
        {
            endpoint.Metadata.Add(new DocumentedProblem(problem));
            if (!endpoint.Metadata.OfType<ProducesResponseTypeMetadata>().Any(known => known.StatusCode == problem.Status))
                endpoint.Metadata.Add(new ProducesResponseTypeMetadata(problem.Status, typeof(Problem), [Problem.ContentType]));
        }
    }

    public static void Documents(this EndpointBuilder endpoint, Func<OpenApiParameter> parameter) =>
        endpoint.Metadata.Add(new DocumentedParameter(parameter));
}
