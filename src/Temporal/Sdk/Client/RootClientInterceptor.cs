using Temporalio.Api.Common.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>The last link of a client's chain: it makes the calls.</summary>
internal sealed partial class RootClientInterceptor(TemporalClient client) : ClientOutboundInterceptor
{
    private string Namespace => client.Options.Namespace;

    private string Identity => client.Connection.Options.Identity!;

    private WorkflowService Service => client.Connection.WorkflowService;

    private static RpcOptions Retrying(RpcOptions? options) => TemporalClient.DefaultRetryOptions(options);

    private static Api.Common.V1.WorkflowExecution Execution(string id, string? runId) => new() { WorkflowId = id, RunId = runId ?? string.Empty };

    private static async Task<Payloads?> PayloadsAsync(DataConverter converter, IReadOnlyCollection<object?>? values) =>
        values is null || values.Count == 0
            ? null
            : new() { Payloads_ = { await converter.ToPayloadsAsync(values).ConfigureAwait(false) } };

    // Interceptors make headers with the payload converter; the codec comes on top.
    private static async Task<Header?> HeaderAsync(DataConverter converter, IDictionary<string, Payload>? headers)
    {
        if (headers is null || headers.Count == 0)
        {
            return null;
        }

        var header = new Header();
        foreach (var (name, payload) in headers)
        {
            header.Fields[name] = converter.PayloadCodec is null
                ? payload
                : await converter.PayloadCodec.EncodeSingleAsync(payload).ConfigureAwait(false);
        }

        return header;
    }

    private DataConverter ConverterFor(string workflowId) =>
        client.Options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(Namespace, workflowId));
}
