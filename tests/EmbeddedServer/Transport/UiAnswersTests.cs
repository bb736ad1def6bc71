using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.Access;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>What the web UI asks its own server for, beside Temporal's calls.</summary>
public sealed class UiAnswersTests
{
    private const string Download = "/api/v1/namespaces/default/workflows/a%2Fb%20%C3%A9/run/r1/history.json";

    [Fact]
    public async Task Settings_name_the_namespace_to_begin_with_and_a_version_that_the_pages_know()
    {
        await using var http = await HttpFixture.StartAsync(options => options.Namespaces = ["team", "default"]);

        var settings = (await http.SendAsync(HttpMethod.Get, $"{http.Ui}/api/v1/settings")).Json;

        (settings["DefaultNamespace"]!.GetValue<string>(), settings["Version"]!.GetValue<string>(), settings["Auth"]!["Enabled"]!.GetValue<bool>())
            .ShouldBe(("team", "2.38.0", false));
    }

    [Theory]
    [InlineData("read", true)]
    [InlineData("write", false)]
    public async Task Who_may_only_read_is_shown_no_buttons(string role, bool isReadOnly)
    {
        await using var http = await HttpFixture.StartAsync(options => options.ApiKeys = [new ApiKey("of-the-operator", Grants.Parse([$"default:{role}"]))]);

        var settings = await http.SendAsync(HttpMethod.Get, $"{http.Ui}/api/v1/settings", body: null, ("Authorization", "Bearer of-the-operator"));

        settings.Json["DisableWriteActions"]!.GetValue<bool>().ShouldBe(isReadOnly);
    }

    [Fact]
    public async Task A_history_comes_as_a_file_page_by_page()
    {
        await using var http = await HistoryAsync(request => Page(request.NextPageToken.IsEmpty ? 1 : 3, request.NextPageToken.IsEmpty ? "next" : ""));

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + Download);

        answer.Json["events"]!.AsArray().Select(happened => happened!["eventId"]!.GetValue<string>()).ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task The_file_is_named_after_the_run_of_which_it_was_asked()
    {
        GetWorkflowExecutionHistoryRequest? got = null;
        await using var http = await HistoryAsync(request => Page(1, "", got = request));

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + Download);

        (got!.Execution.WorkflowId, got.Execution.RunId, answer.Headers["Content-Disposition"])
            .ShouldBe(("a/b é", "r1", "attachment; filename=\"a_b __r1.json\"; filename*=UTF-8''a_b%20%C3%A9_r1.json"));
    }

    [Fact]
    public async Task A_history_that_is_not_there_is_refused_as_any_call_is()
    {
        await using var http = await HistoryAsync(_ => throw new RefusalException(RefusalKind.NotFound, "no such run"));

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + Download);

        (answer.Status, answer.Text).ShouldBe((404, "{\"code\":5,\"message\":\"no such run\"}"));
    }

    [Fact]
    public async Task Half_a_history_does_not_pass_for_a_whole_one()
    {
        await using var http = await HistoryAsync(request => request.NextPageToken.IsEmpty ? Page(1, "next") : throw new RefusalException(RefusalKind.Unavailable, "gone"));

        await Should.ThrowAsync<HttpRequestException>(() => http.SendAsync(HttpMethod.Get, http.Ui + Download));
    }

    private static Task<HttpFixture> HistoryAsync(Func<GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse> answer) =>
        HttpFixture.StartAsync<GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse>("GetWorkflowExecutionHistory", (request, _) => Task.FromResult(answer(request)));

    private static GetWorkflowExecutionHistoryResponse Page(long from, string next, GetWorkflowExecutionHistoryRequest? _ = null) => new()
    {
        History = new Temporalio.Api.History.V1.History
        {
            Events = { Event(from), Event(from + 1) },
        },
        NextPageToken = ByteString.CopyFromUtf8(next),
    };

    private static HistoryEvent Event(long id) => new() { EventId = id, EventType = EventType.TimerStarted };
}
