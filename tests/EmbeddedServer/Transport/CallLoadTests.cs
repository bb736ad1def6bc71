using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Onramp.EmbeddedServer.Transport;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>How much may be under way at once, by calls and by bytes.</summary>
public sealed class CallLoadTests
{
    private const string Call = "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo";
    private const string Watch = "/grpc.health.v1.Health/Watch";
    private const string Check = "/grpc.health.v1.Health/Check";

    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<RefusalException> refused = [];

    [Theory]
    [InlineData(Call)]
    [InlineData(Watch)]
    public async Task One_more_than_there_is_room_for_is_refused_until_one_is_done(string path)
    {
        var load = new CallLoad(calls: 1, bytes: 1_000, watchers: 1);
        var first = PassAsync(load, path, done.Task);

        await PassAsync(load, path, Task.CompletedTask);
        refused.ShouldHaveSingleItem().Kind.ShouldBe(RefusalKind.ResourceExhausted);
        done.SetResult();
        await first;
        await PassAsync(load, path, Task.CompletedTask);

        refused.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Who_asks_whether_the_server_is_well_is_told_however_much_it_has_to_do()
    {
        var load = new CallLoad(calls: 1, bytes: 1_000, watchers: 1);
        var calls = Task.WhenAll(PassAsync(load, Call, done.Task), PassAsync(load, Watch, done.Task));

        await PassAsync(load, Check, Task.CompletedTask);

        refused.ShouldBeEmpty();
        done.SetResult();
        await calls;
    }

    [Fact]
    public async Task A_large_request_for_which_there_is_no_room_is_refused_and_a_small_one_is_not()
    {
        var holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new SemaphoreSlim(0);
        await using var transport = await TransportFixture.StartAsync(
            async (request, _) =>
            {
                held.Release();
                await holds.Task;
                return new DescribeNamespaceResponse();
            },
            configure: options => options.MaximumCallBytesInFlight = 8 * 1024 * 1024);
        var large = new DescribeNamespaceRequest { Namespace = new string('x', 3 * 1024 * 1024) };
        var first = new[] { transport.CallAsync(large), transport.CallAsync(large) };
        await held.WaitAsync();
        await held.WaitAsync();

        (await transport.RefusalAsync(large)).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        var small = transport.CallAsync(new DescribeNamespaceRequest { Namespace = "small" });
        holds.SetResult();
        await Task.WhenAll(first).WaitAsync(TransportFixture.Patience);
        await small;

        await transport.CallAsync(large).WaitAsync(TransportFixture.Patience);
    }

    [Fact]
    public async Task What_is_answered_counts_until_it_is_handed_over()
    {
        var load = new CallLoad(calls: 10, bytes: 1_000, watchers: 1);
        var request = new DescribeNamespaceRequest { Namespace = "orders" };
        var answer = new DescribeNamespaceResponse { FailoverVersion = 7 };
        var bytes = 0L;

        await load.PassAsync(
            new DefaultHttpContext { Request = { Path = Call } },
            http =>
            {
                var share = http.Features.Get<CallLoad.Share>()!;
                share.Take(request);
                share.Answer(request, answer);
                bytes = load.Bytes;
                return Task.CompletedTask;
            },
            (_, _) => Task.CompletedTask);

        bytes.ShouldBe(request.CalculateSize() + answer.CalculateSize());
        load.Bytes.ShouldBe(0);
    }

    private Task PassAsync(CallLoad load, string path, Task answer) => load.PassAsync(
        new DefaultHttpContext { Request = { Path = path } },
        _ => answer,
        (_, refusal) =>
        {
            refused.Add(refusal);
            return Task.CompletedTask;
        });
}
