using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Command.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Access;

/// <summary>Which role a call needs, and where.</summary>
internal static class CallAccess
{
    /// <summary>What every caller may ask: SDKs do before anything else, and nothing secret is in the answer.</summary>
    private static readonly HashSet<string> Open = new(StringComparer.Ordinal) { "GetSystemInfo", "GetClusterInfo" };

    private static readonly HashSet<string> Administrative = new(StringComparer.Ordinal)
    {
        "RegisterNamespace", "UpdateNamespace", "DeprecateNamespace", "DeleteNamespace", "AddSearchAttributes", "RemoveSearchAttributes",
        "CreateNexusEndpoint", "UpdateNexusEndpoint", "DeleteNexusEndpoint", "AddOrUpdateRemoteCluster", "RemoveRemoteCluster",
    };

    private static readonly string[] Looking = ["Describe", "Get", "List", "Count", "Query", "Scan", "PollWorkflowExecutionUpdate"];

    /// <summary>The least role that the call needs.</summary>
    public static Role RoleFor(MethodDescriptor method) =>
        Open.Contains(method.Name) ? Role.None
        : Administrative.Contains(method.Name) ? Role.Admin
        : Looking.Any(prefix => method.Name.StartsWith(prefix, StringComparison.Ordinal)) ? Role.Reader
        : Role.Writer;

    /// <summary>Whether a caller with these grants may make this call.</summary>
    public static bool Allows(Grants grants, MethodDescriptor method, IMessage request)
    {
        var needed = RoleFor(method);
        return needed <= grants.Everywhere || (NamespaceOf(request) is { Length: > 0 } ns && needed <= grants.In(ns) && Within(request).All(other => needed <= grants.In(other)));
    }

    /// <summary>The namespace that the request names; null or empty if it is about the server.</summary>
    private static string? NamespaceOf(IMessage request) => request.Descriptor.FindFieldByName("namespace")?.Accessor.GetValue(request) as string;

    /// <summary>Other namespaces that the request reaches into.</summary>
    private static IEnumerable<string> Within(IMessage request) => request switch
    {
        RespondWorkflowTaskCompletedRequest completed => completed.Commands.Select(NamespaceOf).Where(ns => ns.Length > 0),
        ExecuteMultiOperationRequest several => several.Operations
            .Select(operation => operation.StartWorkflow?.Namespace ?? operation.UpdateWorkflow?.Namespace ?? string.Empty).Where(ns => ns.Length > 0),
        _ => [],
    };

#pragma warning disable CS0612 // Marked obsolete by Temporal, which still takes them.
    private static string NamespaceOf(Command command) => command.AttributesCase switch
    {
        Command.AttributesOneofCase.StartChildWorkflowExecutionCommandAttributes => command.StartChildWorkflowExecutionCommandAttributes.Namespace,
        Command.AttributesOneofCase.SignalExternalWorkflowExecutionCommandAttributes => command.SignalExternalWorkflowExecutionCommandAttributes.Namespace,
        Command.AttributesOneofCase.RequestCancelExternalWorkflowExecutionCommandAttributes =>
            command.RequestCancelExternalWorkflowExecutionCommandAttributes.Namespace,
        _ => string.Empty,
    };
#pragma warning restore CS0612
}
