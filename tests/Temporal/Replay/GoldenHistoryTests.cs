using System.Text.Json.Nodes;
using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker;
using Temporalio.Worker.Interceptors;

namespace Temporalio.Tests.Replay;

/// <summary>Histories that the official TypeScript worker made on a real server, replayed against C# twins of its workflows.</summary>
public class GoldenHistoryTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Histories");

    /// <summary>Results that the twins don't build the way their originals do.</summary>
    private static readonly HashSet<string> OtherResult = ["describeSelf", "upserts", "cancelActivity"];

    public static TheoryData<string> Histories() =>
        [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task Recorded_history_replays_and_ends_with_the_recorded_result(string file)
    {
        var history = WorkflowHistory.FromJson(file, await File.ReadAllTextAsync(Path.Combine(Folder, file)));
        var results = new ResultRecorder();
        var options = new WorkflowReplayerOptions { Interceptors = [results] };
        foreach (var type in Twins.All)
        {
            options.AddWorkflow(type);
        }

        await new WorkflowReplayer(options).ReplayWorkflowAsync(history);

        var type0 = history.Events.First().WorkflowExecutionStartedEventAttributes.WorkflowType.Name;
        if (history.Events.Last().EventType == EventType.WorkflowExecutionCompleted && !OtherResult.Contains(type0))
        {
            Json(results.Result).ShouldBe(Json(history.Events.Last().WorkflowExecutionCompletedEventAttributes.Result?.Payloads_.FirstOrDefault()?.Data));
        }
    }

    [Fact]
    public void There_are_histories_of_every_twin_but_the_ones_named()
    {
        var recorded = Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Select(file => WorkflowHistory.FromJson("id", File.ReadAllText(file))
                .Events.First().WorkflowExecutionStartedEventAttributes.WorkflowType.Name)
            .ToHashSet();
        Twins.All.Select(type => Temporalio.Workflows.WorkflowDefinition.Create(type).Name!).Except(recorded).Order(StringComparer.Ordinal)
            .ShouldBe(["activitiesInParallel", "cleansUpOnCancel", "firstSignalOnly", "fixable", "ignoresCancellation", "timersInParallel", "timersInSequence"], ignoreOrder: true);
    }

    [Fact]
    public void Histories_that_need_more_than_there_is_only_become_fewer()
    {
        const int AtFirst = 85;
        var notYet = File.ReadAllLines(Path.Combine(Folder, "not-yet.txt")).Select(line => line.Split(' ')[0]).ToList();
        notYet.Count.ShouldBeLessThanOrEqualTo(AtFirst);
        notYet.ShouldBeUnique();
        notYet.Where(file => File.Exists(Path.Combine(Folder, file))).ShouldBeEmpty("a history that is replayed is not one of these");
    }

    private static string Json(ByteString? data) => data is null || data.IsEmpty ? "null" : JsonNode.Parse(data.ToStringUtf8())?.ToJsonString() ?? "null";

    private sealed class ResultRecorder : IWorkerInterceptor
    {
        public ByteString? Result { get; private set; }

        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(this, nextInterceptor);

        private sealed class Inbound(ResultRecorder recorder, WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override async Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                var result = await Next.ExecuteWorkflowAsync(input);
                recorder.Result = DataConverter.Default.PayloadConverter.ToPayload(result).Data;
                return result;
            }
        }
    }
}
