using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Transport.Http.Ui;
using Temporalio.Api.WorkflowService.V1;

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
        var caller = new HttpCaller(TimeProvider.System, options.LoggerFactory.CreateLogger("Onramp.EmbeddedServer.Transport.Http"));
        var transcoders = new Dictionary<HttpForm, HttpTranscoder>
        {
            [HttpForm.Api] = Transcoder(HttpForm.Api, new HttpDescriptions(routes), []),
            [HttpForm.Ui] = Transcoder(HttpForm.Ui, Ui(table, options, caller), options.UiHosts),
        };
        app.Use((http, next) =>
        {
            if (http.Features.Get<HttpForm>() is not { } form)
            {
                return next(http);
            }

            Delivery.Watch(http);
            return transcoders[form].AnswerAsync(http);
        });

        HttpTranscoder Transcoder(HttpForm form, IOwnAnswers own, IReadOnlyCollection<string> names) => new(
            routes, form, new BrowserGuard(form.RequiresCaller, checksHost: !options.IsAuthenticated, names), authenticator, own, caller);
    }

    private static UiAnswers Ui(CallTable table, TemporalServerOptions options, HttpCaller caller)
    {
        var history = CallTable.PathOf(ServiceReflection.Descriptor.Services.Single().FindMethodByName("GetWorkflowExecutionHistory"));
        var first = options.Namespaces.FirstOrDefault("default");
        return new UiAnswers(
            options is { UiListen: not null, UiFiles: { } folder } ? new UiPages(UiFiles.Load(folder)) : null,
            grants => UiSettings.Write(first, mayWrite: grants.In(first) >= Role.Writer),
            table.Entries.TryGetValue(history, out var call) ? new HistoryDownload(call, caller) : null);
    }
}
