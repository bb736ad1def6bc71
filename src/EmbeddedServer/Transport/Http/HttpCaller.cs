using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>Makes calls of the table for requests over HTTP, whose callers (<see cref="Grants"/> among the features) are known by then.</summary>
internal sealed class HttpCaller(TimeProvider wallClock, ILogger logger)
{
    /// <summary>Makes a call within the time that its caller gives it, and makes something of the answer while he is there.</summary>
    /// <exception cref="RefusalException">It was refused, it took too long, or its answer can't be written.</exception>
    public async Task<T> MakeAsync<T>(HttpContext http, CallTable.Entry call, IMessage request, Func<IMessage, T> answer)
    {
        var headers = http.Request.Headers;
        var timeout = CallTimeouts.Read(headers[CallTimeouts.Header]);
        using var late = new CancellationTokenSource(timeout, wallClock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        var context = new CallContext(name => headers.TryGetValue(name, out var value) ? value.ToString() : null, wallClock.GetUtcNow() + timeout, either.Token)
        {
            Grants = http.Features.GetRequiredFeature<Grants>(),
        };
        http.Features.Set(context);
        try
        {
            var share = http.Features.GetRequiredFeature<CallLoad.Share>();
            share.Take(request);
            var response = await call.Handler(request, context).ConfigureAwait(false);
            share.Answer(request, response);
            return answer(response);
        }
        catch (Exception failure)
        {
            context.ReportUndelivered();
            throw CallFailures.ToRefusal(failure, call.Method.FullName, http.RequestAborted, either.Token, logger);
        }
    }
}
