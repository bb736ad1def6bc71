using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Temporalio.Exceptions;

namespace Onramp.Starter.Http;

/// <summary>Turns what goes wrong, and answers without a body, into <see cref="Problem"/>s. Causes go to the log, not to the caller.</summary>
internal sealed partial class ProblemResponses(RequestDelegate next, ILogger<ProblemResponses> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.StatusCode >= 400 && context.Response.ContentLength is null)
                await WriteAsync(context, OfStatus(context));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAborted(context.Request.Method, context.Request.Path);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var problem = Of(e);
            if (problem.Status == StatusCodes.Status503ServiceUnavailable)
                LogUnavailable(context.Request.Method, context.Request.Path, e.Message);
            else if (problem.Status >= 500)
                LogFailed(e, context.Request.Method, context.Request.Path, problem.Status);
            await WriteAsync(context, problem);
        }
    }

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        problem = problem with { Instance = context.Request.Path, CorrelationId = CorrelationId.Of(context) };
        context.Response.StatusCode = problem.Status;
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Options, Problem.ContentType, context.RequestAborted);
    }

    private static Problem Of(Exception exception) => exception switch
    {
        ProblemException e => e.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.BodyTooLarge(0),
        BadHttpRequestException e => Problems.Invalid("request", "http", e.Message),
        JsonException e => Problems.BrokenJson(e.Message, "body"),
        RpcException { Code: RpcException.StatusCode.Unavailable or RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.ResourceExhausted } =>
            Problems.Unavailable("The Temporal server does not answer; try again shortly."),
        InvalidOperationException e when e.InnerException is RpcException =>
            Problems.Unavailable("The Temporal server can't be reached; try again shortly."),
        _ => Problems.Unexpected(),
    };

    private static Problem OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problems.UnknownPath(context.Request.Path),
        StatusCodes.Status405MethodNotAllowed => Problems.MethodNotAllowed(context.Request.Method),
        StatusCodes.Status415UnsupportedMediaType => Problems.UnsupportedMediaType(context.Request.ContentType),
        _ => Problems.Unexpected() with { Status = context.Response.StatusCode },
    };

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed with {Status}")]
    private partial void LogFailed(Exception exception, string method, string path, int status);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} can't be served now: {Reason}")]
    private partial void LogUnavailable(string method, string path, string reason);

    [LoggerMessage(LogLevel.Debug, "{Method} {Path} was given up by its caller")]
    private partial void LogAborted(string method, string path);
}
