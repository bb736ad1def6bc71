using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <content>Signals and queries.</content>
internal sealed partial class WorkflowInstance
{
    private readonly LinkedList<HandleSignalInput> runningSignals = new();
    private List<SignalJob>? waitingSignals;
    private HandlerDictionary<WorkflowSignalDefinition>? signals;
    private HandlerDictionary<WorkflowQueryDefinition>? queries;
    private WorkflowSignalDefinition? dynamicSignal;
    private bool dynamicSignalSet;
    private WorkflowQueryDefinition? dynamicQuery;
    private bool dynamicQuerySet;

    public bool AllHandlersFinished => runningSignals.Count == 0;

    public IDictionary<string, WorkflowSignalDefinition> Signals => SignalHandlers;

    public IDictionary<string, WorkflowQueryDefinition> Queries => QueryHandlers;

    public WorkflowSignalDefinition? DynamicSignal
    {
        get => dynamicSignalSet ? dynamicSignal : Definition.DynamicSignal;
        set
        {
            if (value is { Dynamic: false })
            {
                throw new ArgumentException("Signal definition is not dynamic", nameof(value));
            }

            dynamicSignal = value;
            dynamicSignalSet = true;
            if (value is not null)
            {
                ReleaseSignals(_ => true);
            }
        }
    }

    public WorkflowQueryDefinition? DynamicQuery
    {
        get => dynamicQuerySet ? dynamicQuery : Definition.DynamicQuery;
        set
        {
            if (value is { Dynamic: false })
            {
                throw new ArgumentException("Query definition is not dynamic", nameof(value));
            }

            dynamicQuery = value;
            dynamicQuerySet = true;
        }
    }

    private HandlerDictionary<WorkflowSignalDefinition> SignalHandlers => signals ??= new(
        Definition.Signals, definition => definition.Name, (name, _) => ReleaseSignals(signal => signal.SignalName == name));

    private HandlerDictionary<WorkflowQueryDefinition> QueryHandlers => queries ??= new(
        Definition.Queries, definition => definition.Name, (_, _) => { });

    private static IReadOnlyDictionary<string, Payload>? HeadersOf(Header? header) => header is { Fields.Count: > 0 } ? header.Fields : null;

    private void ApplySignal(SignalJob signal)
    {
        var definition = (signals is null ? Definition.Signals.GetValueOrDefault(signal.SignalName) : FindSignal(signal.SignalName)) ?? DynamicSignal;
        if (definition is null)
        {
            (waitingSignals ??= []).Add(signal);
            return;
        }

        object?[] args;
        try
        {
            args = ArgumentReader.ReadMessage(
                definition.Handler, signal.SignalName, signal.Input, payloadConverter, definition.Dynamic, $"Signal {signal.SignalName}");
        }
        catch (Exception e)
        {
            // Failing the task would wedge the workflow: the signal stays in its history.
            Logger.LogError(e, "Failed decoding arguments of signal {SignalName}, dropping the signal", signal.SignalName);
            return;
        }

        QueueTopLevel(() => HandleSignalAsync(new(signal.SignalName, definition, args, HeadersOf(signal.Header))));
    }

    private WorkflowSignalDefinition? FindSignal(string name) => SignalHandlers.TryGetValue(name, out var found) ? found : null;

    private async Task HandleSignalAsync(HandleSignalInput input)
    {
        if (instance is null)
        {
            return;
        }

        var node = runningSignals.AddLast(input);
        try
        {
            await inbound.Value.HandleSignalAsync(input).ConfigureAwait(true);
        }
        finally
        {
            runningSignals.Remove(node);
        }
    }

    private void ReleaseSignals(Func<SignalJob, bool> which)
    {
        foreach (var signal in waitingSignals?.Where(which).ToArray() ?? [])
        {
            waitingSignals!.Remove(signal);
            ApplySignal(signal);
        }
    }

    private void Answer(QueryJob query)
    {
        readOnly = true;
        try
        {
            (answers ??= []).Add(new(query.QueryId, ResultOf(query), null));
        }
        catch (Exception e)
        {
            (answers ??= []).Add(new(query.QueryId, null, e));
        }
        finally
        {
            readOnly = false;
        }
    }

    private Payload ResultOf(QueryJob query)
    {
        if (BuiltInQueries.TryAnswer(query.QueryType, this, settings.StackTrace, out var answer))
        {
            return answer is IMessage message ? payloadConverter.ToPayload(message) : payloadConverter.ToPayload(answer);
        }

        var definition = (queries is null ? Definition.Queries.GetValueOrDefault(query.QueryType) : FindQuery(query.QueryType))
            ?? DynamicQuery
            ?? throw new InvalidOperationException(
                $"Query handler for {query.QueryType} expected but not found, known queries: [{string.Join(", ", Queries.Keys.Order(StringComparer.Ordinal))}]");
        if (instance is null)
        {
            throw new InvalidOperationException("The workflow instance could not be created");
        }

        var args = ArgumentReader.ReadMessage(
            definition.Handler, query.QueryType, query.Arguments, payloadConverter, definition.Dynamic, $"Query {query.QueryType}");
        return payloadConverter.ToPayload(inbound.Value.HandleQuery(new(query.QueryId, query.QueryType, definition, args, HeadersOf(query.Header))));
    }

    private WorkflowQueryDefinition? FindQuery(string name) => QueryHandlers.TryGetValue(name, out var found) ? found : null;

    private void WarnOfUnfinishedHandlers()
    {
        var unfinished = runningSignals.Where(signal => signal.Definition.UnfinishedPolicy == HandlerUnfinishedPolicy.WarnAndAbandon)
            .GroupBy(signal => signal.Signal, StringComparer.Ordinal)
            .Select(group => $"{group.Key} ({group.Count()})")
            .ToArray();
        if (unfinished.Length > 0)
        {
            Logger.LogWarning(
                "[TMPRL1102] Workflow finished while signal handlers are still running: {Signals}. They are abandoned. Wait for " +
                "Workflow.AllHandlersFinished before the workflow ends, or set UnfinishedPolicy of the handlers to Abandon",
                string.Join(", ", unfinished));
        }
    }
}
