using Grpc.Core;
using Onramp.EmbeddedServer.Frontend;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>What a call brings back, seen by gRPC's own client.</summary>
public sealed class CallTests
{
    private static TimeSpan Patience => TransportFixture.Patience;

    [Fact]
    public async Task Answers_larger_than_a_request_may_be_pass()
    {
        await using var transport = await TransportFixture.StartAsync((request, _) => Task.FromResult(new DescribeNamespaceResponse
        {
            NamespaceInfo = new() { Name = string.Concat(Enumerable.Repeat(request.Namespace, 10)) },
        }));

        var response = await transport.CallAsync(new() { Namespace = new string('ü', 512 * 1024) });

        response.NamespaceInfo.Name.Length.ShouldBe(10 * 512 * 1024);
    }

    [Fact]
    public async Task A_refusal_keeps_its_code_text_and_detail()
    {
        await using var transport = await TransportFixture.StartAsync((_, _) =>
            throw new RefusalException(RefusalKind.NotFound, "Namespace größer 100 % not found\n", new NamespaceNotFoundFailure { Namespace = "x" }));

        var refusal = await transport.RefusalAsync(new());

        refusal.Status.ShouldBe(new Status(StatusCode.NotFound, "Namespace größer 100 % not found\n"));
        var status = Google.Rpc.Status.Parser.ParseFrom(refusal.Trailers.GetValueBytes("grpc-status-details-bin"));
        status.Code.ShouldBe((int)StatusCode.NotFound);
        status.Message.ShouldBe("Namespace größer 100 % not found\n");
        status.Details.Single().Unpack<NamespaceNotFoundFailure>().Namespace.ShouldBe("x");
    }

    [Fact]
    public async Task An_unexpected_exception_tells_the_caller_nothing_and_the_log_everything()
    {
        await using var transport = await TransportFixture.StartAsync((_, _) => throw new InvalidOperationException("password=hunter2"));

        var refusal = await transport.RefusalAsync(new());

        refusal.Status.ShouldBe(new Status(StatusCode.Internal, "internal error"));
        transport.Logs.ShouldBe([$"Error Onramp.EmbeddedServer.Transport.GrpcMethods: {TransportFixture.Path} failed unexpectedly (InvalidOperationException)"]);
    }

    [Fact]
    public async Task A_refused_call_leaves_no_line_in_the_log()
    {
        await using var transport = await TransportFixture.StartAsync((_, _) => throw new RefusalException(RefusalKind.InvalidArgument, "the caller's secret"));

        await transport.RefusalAsync(new());

        transport.Logs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Headers_and_deadline_reach_the_handler()
    {
        await using var transport = await TransportFixture.StartAsync((_, context) => Task.FromResult(new DescribeNamespaceResponse
        {
            NamespaceInfo = new() { Name = $"{context.Header("Client-Name")}, {context.Header("other") ?? "none"}" },
            FailoverVersion = context.Deadline!.Value.ToUnixTimeSeconds(),
        }));
        var deadline = DateTime.UtcNow.AddHours(1);

        var response = await transport.CallAsync(new(), new CallOptions(new Metadata { { "client-name", "temporal-dotnet" } }, deadline));

        response.NamespaceInfo.Name.ShouldBe("temporal-dotnet, none");
        response.FailoverVersion.ShouldBeInRange(new DateTimeOffset(deadline).ToUnixTimeSeconds() - 10, new DateTimeOffset(deadline).ToUnixTimeSeconds() + 10);
    }

    [Fact]
    public async Task The_deadline_ends_the_call_on_both_sides()
    {
        var ended = new TaskCompletionSource();
        await using var transport = await TransportFixture.StartAsync(async (_, context) =>
        {
            await Gone(context);
            ended.SetResult();
            return new DescribeNamespaceResponse();
        });

        var refusal = await transport.RefusalAsync(new(), new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(200)));

        refusal.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        await ended.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_comes_after_the_deadline_is_reported_as_undelivered_once(bool throws)
    {
        var reports = 0;
        var undelivered = new TaskCompletionSource();
        await using var transport = await TransportFixture.StartAsync(async (_, context) =>
        {
            context.OnUndelivered(() =>
            {
                Interlocked.Increment(ref reports);
                undelivered.TrySetResult();
            });
            await Gone(context);
            return throws ? throw new OperationCanceledException(context.CancellationToken) : new DescribeNamespaceResponse();
        });

        // Long enough for the first call on a new connection to get there, on a busy machine too.
        await transport.RefusalAsync(new(), new CallOptions(deadline: DateTime.UtcNow.AddSeconds(2)));

        await undelivered.Task.WaitAsync(Patience);
        await transport.DisposeAsync();
        reports.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_whose_caller_has_gone_is_reported_as_undelivered()
    {
        var begun = new TaskCompletionSource();
        var undelivered = new TaskCompletionSource();
        using var gone = new CancellationTokenSource();
        await using var transport = await TransportFixture.StartAsync(async (_, context) =>
        {
            context.OnUndelivered(undelivered.SetResult);
            begun.SetResult();
            await Gone(context);
            return new DescribeNamespaceResponse();
        });

        var call = transport.CallAsync(new(), new CallOptions(cancellationToken: gone.Token));
        await begun.Task.WaitAsync(Patience);
        await gone.CancelAsync();

        (await Should.ThrowAsync<RpcException>(() => call)).StatusCode.ShouldBe(StatusCode.Cancelled);
        await undelivered.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task An_answer_that_arrived_is_not_reported()
    {
        var reports = 0;
        await using (var transport = await TransportFixture.StartAsync((_, context) =>
        {
            context.OnUndelivered(() => Interlocked.Increment(ref reports));
            return Task.FromResult(new DescribeNamespaceResponse());
        }))
        {
            await transport.CallAsync(new(), new CallOptions(deadline: DateTime.UtcNow + Patience));
        }

        reports.ShouldBe(0);
    }

    /// <summary>Ends when the caller has gone or the deadline has passed.</summary>
    private static Task Gone(CallContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.CancellationToken.Register(() => gone.TrySetResult());
        return gone.Task;
    }
}
