using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Onramp.Temporal.Tests.Client;

public class ClientInterceptorTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task Interceptors_run_from_the_first_to_the_last_and_may_change_the_call()
    {
        var log = new List<string>();
        var client = new TemporalClient(server.Client.Connection, new() { Interceptors = [new Recording("outer", log), new Recording("inner", log)] });
        var options = LocalServer.Start("nobody-polls");

        var handle = await client.StartWorkflowAsync("Any", [], options);
        await handle.SignalAsync("any", []);
        await handle.DescribeAsync();

        log.ShouldBe(["outer start Any", "inner start Any", "outer signal any", "inner signal any", "outer describe", "inner describe"]);
        var started = (await handle.FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes;
        started.Header.Fields.Keys.ShouldBe(["outer", "inner"], ignoreOrder: true);
    }

    private sealed class Recording(string name, List<string> log) : IClientInterceptor
    {
        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(name, log, nextInterceptor);
    }

    private sealed class Outbound(string name, List<string> log, ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
    {
        public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
        {
            log.Add($"{name} start {input.Workflow}");
            var headers = new Dictionary<string, Payload>(input.Headers ?? new Dictionary<string, Payload>())
            {
                [name] = DataConverter.Default.PayloadConverter.ToPayload(name),
            };
            return base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = headers });
        }

        public override Task SignalWorkflowAsync(SignalWorkflowInput input)
        {
            log.Add($"{name} signal {input.Signal}");
            return base.SignalWorkflowAsync(input);
        }

        public override Task<WorkflowExecutionDescription> DescribeWorkflowAsync(DescribeWorkflowInput input)
        {
            log.Add($"{name} describe");
            return base.DescribeWorkflowAsync(input);
        }
    }
}
