using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
        using var load = new CallLoad(calls: 1, bytes: 1_000, watchers: 1, TimeSpan.FromMinutes(1), TimeProvider.System);
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
        using var load = new CallLoad(calls: 1, bytes: 1_000, watchers: 1, TimeSpan.FromMinutes(1), TimeProvider.System);
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
    public async Task What_is_answered_counts_until_it_is_sent()
    {
        using var load = new CallLoad(calls: 10, bytes: 1_000, watchers: 1, TimeSpan.FromMinutes(1), TimeProvider.System);
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

    [Fact]
    public async Task An_answer_that_was_handed_over_counts_until_its_caller_has_taken_it()
    {
        using var load = new CallLoad(calls: 10, bytes: 1_000, watchers: 1, TimeSpan.FromMinutes(1), TimeProvider.System);
        var http = new DefaultHttpContext { Request = { Path = Call } };
        http.Features.Set<IHttpResponseBodyFeature>(new SlowBody(done.Task));

        var passing = load.PassAsync(
            http,
            answered =>
            {
                answered.Features.Get<CallLoad.Share>()!.Answer(new DescribeNamespaceRequest(), new DescribeNamespaceResponse { FailoverVersion = 7 });
                return Task.CompletedTask;
            },
            (_, _) => Task.CompletedTask);

        load.Bytes.ShouldBeGreaterThan(0);
        done.SetResult();
        await passing;
        load.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task Who_takes_too_long_for_an_answer_of_its_size_is_cut_off()
    {
        var clock = new Matching.ManualClock();
        using var load = new CallLoad(calls: 1, bytes: 1_000_000, watchers: 1, TimeSpan.FromSeconds(20), clock);
        var connection = new Connection();
        var http = new DefaultHttpContext { Request = { Path = Call } };
        http.Features.Set<IHttpRequestLifetimeFeature>(connection);
        var answer = new DescribeNamespaceResponse { NamespaceInfo = new() { Description = new string('x', 10 * CallLoad.LeastBytesPerSecond) } };

        var passing = load.PassAsync(
            http,
            async answered =>
            {
                answered.Features.Get<CallLoad.Share>()!.Answer(new DescribeNamespaceRequest(), answer);
                await connection.Aborted.Task;
            },
            (_, _) => Task.CompletedTask);

        clock.Advance(TimeSpan.FromSeconds(29));
        passing.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(20));
        await passing.WaitAsync(TransportFixture.Patience);
    }

    private Task PassAsync(CallLoad load, string path, Task answer) => load.PassAsync(
        new DefaultHttpContext { Request = { Path = path } },
        _ => answer,
        (_, refusal) =>
        {
            refused.Add(refusal);
            return Task.CompletedTask;
        });

    /// <summary>The end of an answer comes when it was taken.</summary>
    private sealed class SlowBody(Task taken) : StreamResponseBodyFeature(Stream.Null), IHttpResponseBodyFeature
    {
        public override Task CompleteAsync() => taken;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }
}
