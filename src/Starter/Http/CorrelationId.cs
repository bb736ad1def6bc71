using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Onramp.Starter.Http;

/// <summary>Gives every request an id: the caller's own when it sent a sane one, a new one otherwise; echoed, and in every log line.</summary>
internal sealed partial class CorrelationId(RequestDelegate next, ILogger<CorrelationId> logger)
{
    public const string Header = "X-Correlation-ID";

    public static string Of(HttpContext context) => context.Items[typeof(CorrelationId)] as string ?? context.TraceIdentifier;

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var id = Pattern().IsMatch(sent) ? sent : Guid.NewGuid().ToString("n");
        context.Items[typeof(CorrelationId)] = id;
        context.Response.Headers[Header] = id;
        using (logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["CorrelationId"] = id }))
            await next(context);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
