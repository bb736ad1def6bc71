using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>What calls with tokens, times and texts that make no sense are told.</summary>
public sealed class NonsenseTests
{
    private static readonly string TooLong = new('x', 1_100);
    private static readonly ByteString Nonsense = ByteString.CopyFromUtf8("nonsense");

    public static TheoryData<IMessage> AnswersWithTokensThatAreNone =>
    [
        new RespondActivityTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = Nonsense, Identity = TooLong },
        new RespondActivityTaskFailedRequest { Namespace = ServerFixture.Namespace, TaskToken = Nonsense, Failure = new() },
        new RespondActivityTaskCanceledRequest { Namespace = ServerFixture.Namespace, TaskToken = Nonsense, Identity = TooLong },
        new RespondWorkflowTaskCompletedRequest { Namespace = ServerFixture.Namespace, TaskToken = Nonsense, Identity = TooLong },
        new RespondWorkflowTaskFailedRequest { Namespace = ServerFixture.Namespace, TaskToken = Nonsense, Identity = TooLong },
    ];

    [Theory]
    [MemberData(nameof(AnswersWithTokensThatAreNone))]
    public async Task That_a_token_is_none_is_told_before_anything_else_of_an_answer(IMessage answer) =>
        (await RefusalAsync(answer)).ShouldBe((RefusalKind.InvalidArgument, "Error deserializing task token."));

    public static TheoryData<string, IMessage> Spoiled => new()
    {
        { "WorkflowId exceeds length limit.", new StartBatchOperationRequest
        {
            Namespace = ServerFixture.Namespace, JobId = TooLong, Reason = "why", VisibilityQuery = "WorkflowType = 'a'", TerminationOperation = new BatchOperationTermination(),
        } },
        { "reason is too long.", new UnpauseWorkflowExecutionRequest { Namespace = ServerFixture.Namespace, WorkflowId = "w", Reason = TooLong } },
        { "request id is too long.", new UnpauseWorkflowExecutionRequest { Namespace = ServerFixture.Namespace, WorkflowId = "w", RequestId = TooLong } },
        { "Can't load workflow execution.  WorkflowId not set.", new UnpauseWorkflowExecutionRequest { Namespace = ServerFixture.Namespace } },
        { "Namespace is empty.", new FetchWorkerConfigRequest() },
        { "Namespace is empty.", new UpdateWorkerConfigRequest() },
        { "EarliestTime in StartTimeFilter should not be larger than LatestTime.", new ListOpenWorkflowExecutionsRequest
        {
            Namespace = ServerFixture.Namespace, StartTimeFilter = new() { EarliestTime = new Timestamp { Seconds = 400_000_000_000 }, LatestTime = new Timestamp { Seconds = 2, Nanos = -1 } },
        } },
    };

    [Theory]
    [MemberData(nameof(Spoiled))]
    public async Task What_is_wrong_is_told_in_the_references_order(string message, IMessage request) =>
        (await RefusalAsync(request)).ShouldBe((RefusalKind.InvalidArgument, message));

    [Fact]
    public async Task What_is_to_be_changed_of_an_activity_has_to_be_said_before_it_is_looked_for()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync();

        var refusal = await server.RefusalAsync(new UpdateActivityOptionsRequest
        {
            Namespace = ServerFixture.Namespace, Execution = new WorkflowExecution { WorkflowId = "wf" }, Id = "none", ActivityOptions = new(),
        });

        refusal.Message.ShouldBe("UpdateMask is not provided");
    }

    [Fact]
    public async Task A_time_may_count_its_nanoseconds_backwards()
    {
        await using var server = await ServerFixture.StartAsync();
        var list = new ListOpenWorkflowExecutionsRequest
        {
            Namespace = ServerFixture.Namespace,
            StartTimeFilter = new() { EarliestTime = new Timestamp { Seconds = 1 }, LatestTime = new Timestamp { Seconds = 4_000_000_000, Nanos = -1 } },
        };
        await server.StartWorkflowAsync();

        (await server.CallAsync<ListOpenWorkflowExecutionsResponse>(list)).Executions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_token_of_namespaces_that_is_none_is_refused_as_one()
    {
        var refusal = await RefusalAsync(new ListNamespacesRequest { NextPageToken = Nonsense });

        refusal.ShouldBe((RefusalKind.Unknown, "something went wrong, please retry (61f8d6d1)"));
    }

    private static async Task<(RefusalKind Code, string Message)> RefusalAsync(IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        var refusal = await server.RefusalAsync(request);
        return (refusal.Kind, refusal.Message);
    }
}
