using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Queue = Temporalio.Api.TaskQueue.V1.TaskQueue;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// Client and worker of one workflow that starts children and signals another workflow. At the end each child has run once, its parent has
/// heard of each start and each end once, and every signal has arrived once.
/// </summary>
internal sealed class FamilyScript(MortalServer server, string parentId, int children, string signalled) : ICrashScript
{
    private const string Namespace = "default";

    private readonly Queue _parents = new() { Name = $"parents-of-{parentId}" };
    private readonly Queue _children = new() { Name = $"children-of-{parentId}" };

    private IEnumerable<string> ChildIds => Enumerable.Range(0, children).Select(n => $"{parentId}-child-{n}");

    public static async Task StartAsync(MortalServer server, string workflowId, Queue queue, CancellationToken cancellationToken) =>
        await server.CallAsync<StartWorkflowExecutionResponse>(
            new StartWorkflowExecutionRequest
            {
                Namespace = Namespace,
                WorkflowId = workflowId,
                WorkflowType = new WorkflowType { Name = "Crash" },
                TaskQueue = queue,
                WorkflowTaskTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                RequestId = $"start-{workflowId}",
                Identity = "crash-test",
            },
            cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(server, parentId, _parents, cancellationToken);
        Command[] commands =
        [
            .. ChildIds.Select(StartChild),
            .. Enumerable.Range(0, children).Select(n => Signal($"{parentId}-{n}")),
        ];
        while (!(await ReadHistoryAsync(server, parentId, cancellationToken)).Any(e => e.EventType == EventType.StartChildWorkflowExecutionInitiated))
        {
            await server.TryCompleteNextAsync(_parents, commands, cancellationToken);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var serving = ServeChildrenAsync(ended.Token);
        while (!IsOver(await ReadHistoryAsync(server, parentId, cancellationToken)))
        {
            await server.WaitForAnswersAsync(1);
        }

        await ended.CancelAsync();
        await serving;
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var events = await ReadHistoryAsync(server, parentId, cancellationToken);
        foreach (var initiated in events.Where(e => e.EventType == EventType.StartChildWorkflowExecutionInitiated))
        {
            var childId = initiated.StartChildWorkflowExecutionInitiatedEventAttributes.WorkflowId;
            var started = events.Where(e => e.ChildWorkflowExecutionStartedEventAttributes?.InitiatedEventId == initiated.EventId).ShouldHaveSingleItem(childId);
            var completed = events.Where(e => e.ChildWorkflowExecutionCompletedEventAttributes?.InitiatedEventId == initiated.EventId).ShouldHaveSingleItem(childId);
            completed.ChildWorkflowExecutionCompletedEventAttributes.StartedEventId.ShouldBe(started.EventId, childId);
            var history = await ReadHistoryAsync(server, childId, cancellationToken);
            history[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted, childId);
            history[0].WorkflowExecutionStartedEventAttributes.OriginalExecutionRunId
                .ShouldBe(started.ChildWorkflowExecutionStartedEventAttributes.WorkflowExecution.RunId, childId);
        }

        events.Count(e => e.EventType == EventType.ExternalWorkflowExecutionSignaled).ShouldBe(children, parentId);
        var count = await server.CallAsync<CountWorkflowExecutionsResponse>(
            new CountWorkflowExecutionsRequest { Namespace = Namespace, Query = $"ParentWorkflowId = '{parentId}'" }, cancellationToken);
        count.Count.ShouldBe(children, parentId);
    }

    /// <summary>Names of the signals that the workflow got, in order.</summary>
    public static async Task<IReadOnlyList<string>> SignalsAsync(MortalServer server, string workflowId, CancellationToken cancellationToken) =>
    [
        .. (await ReadHistoryAsync(server, workflowId, cancellationToken))
            .Where(e => e.EventType == EventType.WorkflowExecutionSignaled)
            .Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName),
    ];

    private bool IsOver(IReadOnlyList<HistoryEvent> events) =>
        events.Count(e => e.EventType == EventType.ChildWorkflowExecutionCompleted) >= children
        && events.Count(e => e.EventType == EventType.ExternalWorkflowExecutionSignaled) >= children;

    private async Task ServeChildrenAsync(CancellationToken cancellationToken)
    {
        Command[] complete =
        [
            new() { CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = new() },
        ];
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await server.TryCompleteNextAsync(_children, complete, cancellationToken);
            }
        }
        catch (Exception stopped) when (cancellationToken.IsCancellationRequested && stopped is OperationCanceledException or RpcException)
        {
            // Told to.
        }
    }

    private static async Task<IReadOnlyList<HistoryEvent>> ReadHistoryAsync(MortalServer server, string workflowId, CancellationToken cancellationToken)
    {
        var token = ByteString.Empty;
        var events = new List<HistoryEvent>();
        do
        {
            var response = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(
                new GetWorkflowExecutionHistoryRequest
                {
                    Namespace = Namespace,
                    Execution = new WorkflowExecution { WorkflowId = workflowId },
                    NextPageToken = token,
                },
                cancellationToken);
            events.AddRange(response.History.Events);
            token = response.NextPageToken;
        }
        while (!token.IsEmpty);

        return events;
    }

    private Command StartChild(string workflowId) => new()
    {
        CommandType = CommandType.StartChildWorkflowExecution,
        StartChildWorkflowExecutionCommandAttributes = new StartChildWorkflowExecutionCommandAttributes
        {
            WorkflowId = workflowId,
            WorkflowType = new WorkflowType { Name = "Crash" },
            TaskQueue = _children,
            WorkflowTaskTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
        },
    };

    private Command Signal(string name) => new()
    {
        CommandType = CommandType.SignalExternalWorkflowExecution,
        SignalExternalWorkflowExecutionCommandAttributes = new SignalExternalWorkflowExecutionCommandAttributes
        {
            Execution = new WorkflowExecution { WorkflowId = signalled },
            SignalName = name,
        },
    };
}
