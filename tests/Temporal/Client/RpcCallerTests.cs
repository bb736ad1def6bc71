using Grpc.Core;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Client;

public class RpcCallerTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable, 3)]
    [InlineData(StatusCode.Internal, 3)]
    [InlineData(StatusCode.Unknown, 3)]
    [InlineData(StatusCode.Aborted, 3)]
    [InlineData(StatusCode.DataLoss, 3)]
    [InlineData(StatusCode.OutOfRange, 3)]
    [InlineData(StatusCode.NotFound, 1)]
    [InlineData(StatusCode.InvalidArgument, 1)]
    [InlineData(StatusCode.DeadlineExceeded, 1)]
    [InlineData(StatusCode.PermissionDenied, 1)]
    public async Task Only_transient_errors_are_retried(StatusCode code, int attempts)
    {
        var invoker = new FakeInvoker(_ => throw new RefusalException(code, "no"));
        var connection = Connect(invoker);

        var failure = await Should.ThrowAsync<RpcException>(
            () => connection.WorkflowService.DescribeNamespaceAsync(new() { Namespace = "n" }, new() { Retry = true }));

        failure.Code.ShouldBe((RpcException.StatusCode)(int)code);
        invoker.Calls("DescribeNamespace").ShouldBe(attempts);
    }

    [Fact]
    public async Task Raw_calls_are_not_retried_unless_asked()
    {
        var invoker = new FakeInvoker(_ => throw new RefusalException(StatusCode.Unavailable, "no"));

        await Should.ThrowAsync<RpcException>(() => Connect(invoker).WorkflowService.DescribeNamespaceAsync(new()));

        invoker.Calls("DescribeNamespace").ShouldBe(1);
    }

    [Fact]
    public async Task Details_of_an_error_can_be_read()
    {
        var invoker = new FakeInvoker(_ => throw new RefusalException(StatusCode.NotFound, "no", new NamespaceNotFoundFailure { Namespace = "n" }));

        var failure = await Should.ThrowAsync<RpcException>(() => Connect(invoker).WorkflowService.DescribeNamespaceAsync(new()));

        failure.GrpcStatus.Value!.Code.ShouldBe(5);
        failure.GrpcStatus.Value.Details.Single().Unpack<NamespaceNotFoundFailure>().Namespace.ShouldBe("n");
    }

    [Fact]
    public async Task Headers_say_who_calls_and_the_calls_own_win()
    {
        var invoker = new FakeInvoker(_ => new DescribeNamespaceResponse());
        var connection = Connect(invoker, new("unused:1") { ApiKey = "key", RpcMetadata = [new("a", "connection"), new("b", "connection")] });

        await connection.WorkflowService.DescribeNamespaceAsync(
            new() { Namespace = "n" }, new() { Metadata = [new("A", "call")], BinaryMetadata = [new("c-bin", [1, 2])] });

        var headers = invoker.LastHeaders;
        headers["client-name"].ShouldBe("temporal-dotnet");
        headers["temporal-namespace"].ShouldBe("n");
        headers["authorization"].ShouldBe("Bearer key");
        headers["a"].ShouldBe("call");
        headers["b"].ShouldBe("connection");
        headers["c-bin"].ShouldBe("AQI=");
    }

    [Theory]
    [InlineData(false, 30)]
    [InlineData(true, 70)]
    public async Task Long_polls_get_more_time(bool wait, int seconds)
    {
        var invoker = new FakeInvoker(_ => new GetWorkflowExecutionHistoryResponse());

        await Connect(invoker).WorkflowService.GetWorkflowExecutionHistoryAsync(new() { WaitNewEvent = wait });

        invoker.LastTimeout.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    private static TemporalConnection Connect(FakeInvoker invoker, TemporalConnectionOptions? options = null)
    {
        options ??= new("unused:1");
        options.RpcRetry = new() { MaxRetries = 2, InitialInterval = TimeSpan.FromMilliseconds(1), MaxInterval = TimeSpan.FromMilliseconds(1) };
        return TemporalConnection.Create(options, invoker);
    }
}
