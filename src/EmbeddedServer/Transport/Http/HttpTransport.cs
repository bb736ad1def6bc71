using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>HTTP/JSON on listeners of its own beside gRPC's.</summary>
internal static class HttpTransport
{
    /// <summary>Says what is spoken on the connections of a listener.</summary>
    public static void Speak(this ListenOptions listener, HttpForm form) => listener.Use(next => connection =>
    {
        connection.Features.Set(form);
        return next(connection);
    });

    /// <summary>Answers what comes in on those listeners, and passes on the rest.</summary>
    public static void UseHttpTransport(this WebApplication app, CallTable table, TemporalServerOptions options, Authenticator? authenticator)
    {
        var routes = new HttpRoutes(table);
        var descriptions = new HttpDescriptions(routes);
        var logger = options.LoggerFactory.CreateLogger("Onramp.EmbeddedServer.Transport.Http");
        var transcoders = new[] { HttpForm.Api, HttpForm.Ui }.ToDictionary(form => form, form => new HttpTranscoder(
            routes, form, new BrowserGuard(form.RequiresCaller, options.IsAuthenticated ? null : []), authenticator, descriptions, TimeProvider.System, logger));
        app.Use((http, next) =>
        {
            if (http.Features.Get<HttpForm>() is not { } form)
            {
                return next(http);
            }

            Delivery.Watch(http);
            return transcoders[form].AnswerAsync(http);
        });
    }
}
