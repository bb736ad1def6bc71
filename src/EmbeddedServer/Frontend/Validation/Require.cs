using System.Text;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Presence and length of what requests name. Lengths count bytes.</summary>
internal static class Require
{
    public static bool IsTooLong(string value) =>
        value.Length > Limits.IdBytes || (value.Length * 3 > Limits.IdBytes && Encoding.UTF8.GetByteCount(value) > Limits.IdBytes);

    public static void WorkflowId(string workflowId)
    {
        if (workflowId.Length == 0)
        {
            throw Refusals.InvalidArgument("WorkflowId is not set on request.");
        }

        if (IsTooLong(workflowId))
        {
            throw Refusals.InvalidArgument($"WorkflowId exceeds maximum allowed length ({Encoding.UTF8.GetByteCount(workflowId)}/{Limits.IdBytes})");
        }
    }

    /// <summary>An execution that is named by a call on an existing workflow.</summary>
    public static void Execution(WorkflowExecution? execution)
    {
        if (execution is null)
        {
            throw Refusals.InvalidArgument("Execution is not set on request.");
        }

        if (execution.WorkflowId.Length == 0)
        {
            throw Refusals.InvalidArgument("WorkflowId is not set on request.");
        }

        RunId(execution.RunId);
    }

    /// <summary>The same where the run's id is looked at last of all that is said: <see cref="Run"/>.</summary>
    public static void Workflow(WorkflowExecution? execution)
    {
        if (execution is null || execution.WorkflowId.Length == 0)
        {
            throw Refusals.InvalidArgument("WorkflowId is not set on request.");
        }
    }

    public static void Run(WorkflowExecution execution) => RunId(execution.RunId, "RunId is not valid UUID.");

    public static void RunId(string runId, string message = "Invalid RunId.")
    {
        if (runId.Length > 0 && !IsUuid(runId))
        {
            throw Refusals.InvalidArgument(message);
        }
    }

    public static void RequestId(string requestId)
    {
        if (IsTooLong(requestId))
        {
            throw Refusals.InvalidArgument("RequestId length exceeds limit.");
        }
    }

    public static void Identity(string identity)
    {
        if (IsTooLong(identity))
        {
            throw Refusals.InvalidArgument("Identity length exceeds limit.");
        }
    }

    /// <summary>There is one, and it is one: whatever else is wrong with an answer comes after that.</summary>
    public static void TaskToken(ByteString token, NamespaceRef ns)
    {
        if (token.IsEmpty)
        {
            throw Refusals.InvalidArgument("Task token not set on request.");
        }

        if (!History.TaskToken.IsOne(token, ns))
        {
            throw Refusals.InvalidArgument("Error deserializing task token.");
        }
    }

    public static bool IsUuid(string value) => Guid.TryParseExact(value, "D", out _);
}
