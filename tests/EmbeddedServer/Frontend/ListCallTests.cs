using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Filter.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What calls that list, and those that poll, look at before they do.</summary>
public sealed class ListCallTests
{
    private static readonly string TooLong = new('x', 1_001);

    public static TheoryData<IMessage> CallsInANamespaceOfATooLongName =>
    [
        new ListWorkflowExecutionsRequest { Namespace = TooLong },
        new DescribeNamespaceRequest { Namespace = TooLong },
        new StartWorkflowExecutionRequest { Namespace = TooLong },
        new Temporalio.Api.OperatorService.V1.ListSearchAttributesRequest { Namespace = TooLong },
    ];

    [Theory]
    [MemberData(nameof(CallsInANamespaceOfATooLongName))]
    public async Task A_namespaces_name_has_a_length_that_is_looked_at_first(IMessage request) =>
        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, "Namespace length exceeds limit."));

    public static TheoryData<string, IMessage> OlderLists => new()
    {
        { "Namespace none is not found.", new ListClosedWorkflowExecutionsRequest { Namespace = "none", StatusFilter = new StatusFilter() } },
        {
            "EarliestTime in StartTimeFilter should not be larger than LatestTime.",
            new ListClosedWorkflowExecutionsRequest
            {
                Namespace = ServerFixture.Namespace,
                StatusFilter = new StatusFilter(),
                StartTimeFilter = new StartTimeFilter { EarliestTime = new Timestamp { Seconds = 2 }, LatestTime = new Timestamp { Seconds = 1 } },
            }
        },
        {
            "StatusFilter must be specified and must be not Running.",
            new ListClosedWorkflowExecutionsRequest { Namespace = ServerFixture.Namespace, StatusFilter = new StatusFilter() }
        },
        { "PageSize is larger than allowed 10000.", new ListArchivedWorkflowExecutionsRequest { Namespace = ServerFixture.Namespace, PageSize = 10_001 } },
        { "Cluster is not configured for visibility archival.", new ListArchivedWorkflowExecutionsRequest { Namespace = ServerFixture.Namespace, PageSize = 10_000 } },
    };

    [Theory]
    [MemberData(nameof(OlderLists))]
    public async Task An_older_list_call_is_looked_at_in_order(string message, IMessage request) => (await RefusalAsync(request)).Message.ShouldBe(message);

    [Fact]
    public async Task A_poll_takes_a_caller_who_waits_a_while()
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(ServerFixture.PollRequest(), server.Context(deadline: TimeSpan.FromSeconds(1.9)));

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.FailedPrecondition, "Context timeout is too short."));
    }

    [Fact]
    public async Task A_poll_for_activities_looks_at_its_queue_before_who_polls()
    {
        await using var server = await ServerFixture.StartAsync();
        var poll = new PollActivityTaskQueueRequest { Namespace = ServerFixture.Namespace, Identity = TooLong, TaskQueue = new TaskQueue() };

        var refusal = await server.RefusalAsync(poll, server.Context(deadline: TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldBe("missing task queue name");
    }

    [Fact]
    public async Task A_run_may_be_started_in_a_division_where_lists_do_not_show_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var start = ServerFixture.StartRequest();
        start.SearchAttributes = new SearchAttributes
        {
            IndexedFields =
            {
                ["TemporalNamespaceDivision"] = new Payload
                {
                    Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = ByteString.CopyFromUtf8("\"aside\""),
                },
            },
        };
        await server.CallAsync<StartWorkflowExecutionResponse>(start);

        var counted = await server.CallAsync<CountWorkflowExecutionsResponse>(new CountWorkflowExecutionsRequest { Namespace = ServerFixture.Namespace });

        counted.Count.ShouldBe(0);
    }

    private static async Task<(RefusalKind Kind, string Message)> RefusalAsync(IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        var refusal = await server.RefusalAsync(request);
        return (refusal.Kind, refusal.Message);
    }
}
