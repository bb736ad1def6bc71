using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>Sizes of payloads, where a server is started with others than usual.</summary>
public sealed class PayloadLimitTests
{
    private static readonly HistoryEngineOptions Options = new() { MaximumBlobBytes = 2_048, MaximumMemoBytes = 4_096 };

    [Fact]
    public async Task A_namespace_tells_the_limits_so_that_workers_can_refuse_by_themselves()
    {
        await using var server = await ServerFixture.StartAsync(Options);

        var told = (await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = ServerFixture.Namespace })).NamespaceInfo.Limits;

        (told.BlobSizeLimitError, told.MemoSizeLimitError).ShouldBe((2_048, 4_096));
    }

    [Fact]
    public async Task A_start_is_refused_by_them()
    {
        await using var server = await ServerFixture.StartAsync(Options);
        var start = new StartWorkflowExecutionRequest
        {
            Namespace = ServerFixture.Namespace,
            WorkflowId = "order",
            WorkflowType = new WorkflowType { Name = "Order" },
            TaskQueue = new() { Name = ServerFixture.Queue },
            Input = new Payloads { Payloads_ = { new Payload { Data = ByteString.CopyFrom(new byte[2_048]) } } },
        };

        (await Should.ThrowAsync<RefusalException>(() => server.CallAsync<StartWorkflowExecutionResponse>(start))).Message.ShouldBe("Blob data size exceeds limit.");
    }
}
