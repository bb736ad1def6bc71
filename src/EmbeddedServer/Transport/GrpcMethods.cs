using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>What the methods of the call table belong to in ASP.NET's eyes.</summary>
internal sealed class FrontendService;

/// <summary>Offers the call table as gRPC methods; there are no generated service bases.</summary>
internal sealed class GrpcMethods(CallTable table, ILogger<GrpcMethods> logger) : IServiceMethodProvider<FrontendService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FrontendService> context)
    {
        foreach (var entry in table.Entries.Values)
        {
            var method = new Method<IMessage, IMessage>(
                MethodType.Unary, entry.Method.Service.FullName, entry.Method.Name, MessageMarshallers.Request(entry.Method.InputType), MessageMarshallers.Response);
            context.AddUnaryMethod(method, [], (_, request, call) => AnswerAsync(entry, request, call));
        }
    }

    private async Task<IMessage> AnswerAsync(CallTable.Entry entry, IMessage request, ServerCallContext call)
    {
        var headers = call.GetHttpContext().Request.Headers;
        DateTimeOffset? deadline = call.Deadline == DateTime.MaxValue ? null : new DateTimeOffset(call.Deadline, TimeSpan.Zero);
        var context = new CallContext(name => headers.TryGetValue(name, out var value) ? value.ToString() : null, deadline, call.CancellationToken)
        {
            Grants = call.GetHttpContext().Features.Get<Grants>() ?? Grants.All,
        };
        call.GetHttpContext().Features.Set(context);
        try
        {
            var share = call.GetHttpContext().Features.GetRequiredFeature<CallLoad.Share>();
            share.Take(request);
            var answer = await entry.Handler(request, context).ConfigureAwait(false);
            share.Answer(request, answer);
            return answer;
        }
        catch (Exception failure)
        {
            context.ReportUndelivered();
            throw CallFailures.ToRefusal(failure, call.Method, call.GetHttpContext().RequestAborted, call.CancellationToken, logger).ToRpcException();
        }
    }
}
