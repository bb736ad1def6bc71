using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Temporalio.Exceptions;

namespace Onramp.Starter.Http;

/// <summary>Turns what goes wrong into <see cref="Problem"/>s. Causes go to the log, not to the caller.</summary>
internal sealed partial class ProblemExceptionHandler(StarterOptions options, ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private const string RetryAfterSeconds = "2";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var problem = Of(exception, context.RequestAborted);
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            LogUnavailable(context.Request.Method, context.Request.Path, exception.Message);
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }
        else if (problem.Status >= 500)
        {
            LogFailed(exception, context.Request.Method, context.Request.Path, problem.Status);
        }
        await ProblemWriter.WriteAsync(context, problem);
        return true;
    }

    private Problem Of(Exception exception, CancellationToken aborted) => exception switch
    {
        ProblemException e => e.Problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.BodyTooLarge(options.MaxBodyBytes),
        BadHttpRequestException e => Problems.Invalid("request", "http", e.Message),
        JsonException e => Problems.BrokenJson(e.Message, "body"),
        RpcException { Code: RpcException.StatusCode.Unavailable or RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.ResourceExhausted } =>
            Problems.Unavailable("The Temporal server does not answer; try again shortly."),
        // What the SDK makes of its own limit on a call.
        RpcException { Code: RpcException.StatusCode.Cancelled } or RpcTimeoutOrCanceledException when !aborted.IsCancellationRequested =>
            Problems.Unavailable("The Temporal server does not answer in time; try again shortly."),
        InvalidOperationException e when e.InnerException is RpcException =>
            Problems.Unavailable("The Temporal server can't be reached; try again shortly."),
        _ => Problems.Unexpected(),
    };

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed with {Status}")]
    private partial void LogFailed(Exception exception, string method, string path, int status);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} can't be served now: {Reason}")]
    private partial void LogUnavailable(string method, string path, string reason);
}
