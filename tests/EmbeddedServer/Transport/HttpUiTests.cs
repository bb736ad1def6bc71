using System.ComponentModel.DataAnnotations;
using System.Net;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>What Temporal's web UI speaks, and who may not: any page that a browser on this machine shows can reach the loopback address.</summary>
public sealed class HttpUiTests
{
    private const string Signal = "/api/v1/namespaces/default/workflows/a%2Fb/signal/approve?execution.runId=ignored";
    private static readonly (string Name, string Value) Operator = ("Caller-Type", "operator");

    [Fact]
    public async Task A_signal_as_the_ui_sends_it_is_understood()
    {
        SignalWorkflowExecutionRequest? got = null;
        await using var http = await SignalAsync(request => got = request);

        var answer = await http.SendAsync(HttpMethod.Post, http.Ui + Signal, "{\"signalName\":\"x\",\"input\":{\"payloads\":null},\"theUis\":{\"own\":1}}", Operator);

        (answer.Status, answer.ContentType, answer.Text, got!.WorkflowExecution.WorkflowId, got.SignalName)
            .ShouldBe((200, "application/json", "{}", "a/b", "approve"));
    }

    [Theory]
    [InlineData("Caller-Type", "operator", 200)]
    [InlineData("Origin", "http://{host}", 200)]
    [InlineData("Origin", "https://{host}", 403)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("X-Nothing", "", 403)]
    public async Task A_change_comes_from_our_own_pages_or_from_no_page(string header, string value, int status)
    {
        await using var http = await SignalAsync(_ => { });

        var answer = await http.SendAsync(HttpMethod.Post, http.Ui + Signal, "{}", (header, value.Replace("{host}", new Uri(http.Ui).Authority, StringComparison.Ordinal)));

        answer.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "evil.example")]
    public async Task A_page_of_another_site_is_kept_out_of_both_listeners_whatever_it_asks(string header, string value)
    {
        await using var http = await SignalAsync(_ => { });

        var ui = await http.SendAsync(HttpMethod.Post, http.Ui + Signal, "{}", Operator, (header, value));
        var api = await http.SendAsync(HttpMethod.Post, http.Api + Signal.Replace("%2F", "-", StringComparison.Ordinal), "{}", (header, value));

        (ui.Status, api.Status).ShouldBe((403, 403));
    }

    [Fact]
    public async Task A_browser_that_asks_before_it_sends_is_told_no()
    {
        await using var http = await SignalAsync(_ => { });

        var answer = await http.SendAsync(HttpMethod.Options, http.Ui + Signal, body: null, ("Origin", "http://evil.example"), ("Access-Control-Request-Headers", "caller-type"));

        answer.Status.ShouldBe(403);
    }

    [Theory]
    [InlineData(nameof(TemporalServerOptions.HttpListen))]
    [InlineData(nameof(TemporalServerOptions.UiListen))]
    public void Listening_beyond_loopback_needs_authentication(string option)
    {
        var beyond = new IPEndPoint(IPAddress.Any, 0);
        var options = new TemporalServerOptions
        {
            HttpListen = option == nameof(TemporalServerOptions.HttpListen) ? beyond : null,
            UiListen = option == nameof(TemporalServerOptions.UiListen) ? beyond : null,
        };

        Should.Throw<ValidationException>(() => Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true))
            .ValidationResult.MemberNames.ShouldBe([option]);
    }

    private static Task<HttpFixture> SignalAsync(Action<SignalWorkflowExecutionRequest> got) =>
        HttpFixture.StartAsync<SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse>("SignalWorkflowExecution", (request, _) =>
        {
            got(request);
            return Task.FromResult(new SignalWorkflowExecutionResponse());
        });
}
