using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Onramp.Starter.Http;

/// <summary>
/// Writes every problem, whoever in the framework found it, in the one shape that callers know; and always, whatever they said
/// they accept, since the alternative is an empty answer.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        var problem = Problem.Of(context.ProblemDetails) ?? OfStatus(http);
        problem = problem with { Instance = http.Request.Path, CorrelationId = CorrelationId.Of(http) };
        http.Response.StatusCode = problem.Status;
        await http.Response.WriteAsJsonAsync(problem, ApiJson.Options, Problem.ContentType, http.RequestAborted);
    }

    /// <summary>Ends a request with this problem.</summary>
    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem.ToDetails() });
    }

    /// <summary>What the framework answered without a word.</summary>
    private static Problem OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => Problems.Invalid("request", "http", "request must be well-formed HTTP"),
        StatusCodes.Status404NotFound => Problems.UnknownPath(context.Request.Path),
        StatusCodes.Status405MethodNotAllowed => Problems.MethodNotAllowed(context.Request.Method),
        StatusCodes.Status415UnsupportedMediaType => Problems.UnsupportedMediaType(context.Request.ContentType),
        var status => Problems.Unexpected() with { Status = status },
    };
}
