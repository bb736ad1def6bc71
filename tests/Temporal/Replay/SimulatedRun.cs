using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Runtime;
using Temporalio.Worker;
using Temporalio.Worker.Instance;
using Temporalio.Worker.Replay;
using Temporalio.Worker.Workflows;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>A run of a workflow against a <see cref="SimulatedServer" />, task by task, kept in memory or rebuilt from history.</summary>
internal sealed class SimulatedRun
{
    private readonly WorkflowRuntime runtime;
    private readonly string workflowType;
    private WorkflowRun run;

    public SimulatedRun(Type workflow, object?[]? args = null, Func<WorkflowInstanceSettings, WorkflowInstanceSettings>? configure = null)
    {
        var definition = WorkflowDefinition.Create(workflow);
        workflowType = definition.Name ?? workflow.Name;
        var settings = new WorkflowInstanceSettings
        {
            Namespace = "test",
            TaskQueue = "queue",
            DataConverter = DataConverter.Default,
            LoggerFactory = NullLoggerFactory.Instance,
            MetricMeter = TemporalRuntime.Default.MetricMeter,
            BuildId = "build",
        };
        runtime = new(configure?.Invoke(settings) ?? settings, [definition], TimeSpan.FromSeconds(2));
        Definition = definition;
        Server = new(workflowType, args ?? []);
        run = NewRun();
    }

    public WorkflowDefinition Definition { get; }

    public SimulatedServer Server { get; }

    /// <summary>Gives the run up, so that the next task has to rebuild it.</summary>
    public void Evict() => run = NewRun();

    /// <summary>Runs a workflow task from start to completion.</summary>
    /// <returns>What it sent.</returns>
    public async Task<IReadOnlyList<Command>> RunTaskAsync()
    {
        var (commands, failure) = await TryTaskAsync();
        failure.ShouldBeNull();
        return commands;
    }

    /// <summary>Runs a workflow task that fails.</summary>
    /// <returns>Why.</returns>
    public async Task<Exception> RunFailingTaskAsync()
    {
        var (_, failure) = await TryTaskAsync();
        return failure.ShouldNotBeNull();
    }

    /// <summary>Asks a query.</summary>
    public async Task<QueryAnswer> QueryAsync(string query, params object?[] args)
    {
        var payloads = new Payloads();
        payloads.Payloads_.AddRange(args.Select(DataConverter.Default.PayloadConverter.ToPayload));
        return (await run.QueryAsync([new QueryJob("query", query, payloads, null)]))[0];
    }

    /// <summary>Replays the history so far from its start.</summary>
    public async Task<Exception?> ReplayAsync(Type? otherWorkflow = null)
    {
        var options = new WorkflowReplayerOptions();
        options.AddWorkflow(otherWorkflow is null ? Definition : WorkflowDefinition.Create(otherWorkflow, workflowType, null));
        var result = await new WorkflowReplayer(options).ReplayWorkflowAsync(Server.History, throwOnReplayFailure: false);
        return result.ReplayFailure;
    }

    private async Task<(IReadOnlyList<Command> Commands, Exception? Failure)> TryTaskAsync()
    {
        var started = Server.StartTask();
        var failure = await run.AdvanceAsync([.. Server.Events.Select(e => e.Clone())], started);
        if (failure is not null)
        {
            Server.FailTask();
            Evict();
            return ([], failure);
        }

        var commands = await run.CommandsAsync();
        Server.CompleteTask(commands.Select(command => command.Clone()));
        return (commands, null);
    }

    private WorkflowRun NewRun() => new(runtime, "workflow", Server.RunId, workflowType);
}
