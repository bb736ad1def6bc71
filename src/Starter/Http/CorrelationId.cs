using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Onramp.Starter.Http;

/// <summary>
/// Gives every request an id: the caller's own when it sent a sane one, a new one otherwise; echoed, in every log line, and a tag of
/// the request's activity.
/// </summary>
public sealed partial class CorrelationId(RequestDelegate next, ILogger<CorrelationId> logger)
{
    public const string Header = "X-Correlation-ID";

    /// <summary>Tag of the request's activity that holds the id.</summary>
    public const string Tag = "onramp.correlation_id";

    /// <summary>The id of this request; the connection's own before it was given one.</summary>
    public static string Of(HttpContext context) => context.Items[typeof(CorrelationId)] as string ?? context.TraceIdentifier;

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var id = Pattern().IsMatch(sent) ? sent : Guid.NewGuid().ToString("n");
        context.Items[typeof(CorrelationId)] = id;
        context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag(Tag, id);
        // Not set at once: an answer that turns into a problem is cleared of what was set before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        using (logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["CorrelationId"] = id }))
            await next(context);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
