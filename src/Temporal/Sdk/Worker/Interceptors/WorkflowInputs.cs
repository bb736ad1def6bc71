using System.Reflection;
using Temporalio.Api.Common.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Interceptors;

/// <summary>Input of <see cref="WorkflowInboundInterceptor.ExecuteWorkflowAsync" />.</summary>
/// <param name="Instance">The instance of the workflow class.</param>
/// <param name="RunMethod">The main routine.</param>
/// <param name="Args">Its arguments.</param>
public record ExecuteWorkflowInput(object Instance, MethodInfo RunMethod, object?[] Args);

/// <summary>Input of <see cref="WorkflowInboundInterceptor.HandleSignalAsync" />.</summary>
/// <param name="Signal">Signal name.</param>
/// <param name="Definition">Its handler.</param>
/// <param name="Args">Arguments of the handler.</param>
/// <param name="Headers">Headers, if there are any.</param>
public record HandleSignalInput(
    string Signal, WorkflowSignalDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>Input of <see cref="WorkflowInboundInterceptor.HandleQuery" />.</summary>
/// <param name="Id">Id of this query.</param>
/// <param name="Query">Query name.</param>
/// <param name="Definition">Its handler.</param>
/// <param name="Args">Arguments of the handler.</param>
/// <param name="Headers">Headers, if there are any.</param>
public record HandleQueryInput(
    string Id, string Query, WorkflowQueryDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>Input of <see cref="WorkflowOutboundInterceptor.DelayAsync" />.</summary>
/// <param name="Delay">How long to wait.</param>
/// <param name="CancellationToken">Token given by the caller, if any.</param>
/// <param name="Summary">Summary of the timer, if any.</param>
public record DelayAsyncInput(TimeSpan Delay, CancellationToken? CancellationToken, string? Summary);

/// <summary>Input of <see cref="WorkflowOutboundInterceptor.ScheduleActivityAsync" />.</summary>
/// <param name="Activity">Activity type name.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">How to run it.</param>
/// <param name="Headers">Headers to send, if there are any.</param>
public record ScheduleActivityInput(
    string Activity, IReadOnlyCollection<object?> Args, ActivityOptions Options, IDictionary<string, Payload>? Headers);
