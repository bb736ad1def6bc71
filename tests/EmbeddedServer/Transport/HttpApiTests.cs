using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.Transport.Http;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>Temporal's HTTP API: which call a request is, what fills its message, and how it is answered.</summary>
public sealed class HttpApiTests
{
    private const string History = "/api/v1/namespaces/default/workflows/orders/history";

    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("orders%20%C3%A9", "orders é")]
    [InlineData("a.b:c+d", "a.b:c+d")]
    [InlineData("a%3Fb%25", "a?b%")]
    public async Task A_segment_of_the_path_fills_its_field_unescaped(string segment, string id)
    {
        var (http, got) = await HistoryAsync();
        await using var _ = http;

        await http.SendAsync(HttpMethod.Get, $"{http.Api}/namespaces/default/workflows/{segment}/history");

        got().Execution.WorkflowId.ShouldBe(id);
    }

    [Theory]
    [InlineData("maximumPageSize=7", "{ \"maximumPageSize\": 7 }")]
    [InlineData("maximum_page_size=7", "{ \"maximumPageSize\": 7 }")]
    [InlineData("execution.runId=r", "{ \"execution\": { \"runId\": \"r\" } }")]
    [InlineData("execution.run_id=r", "{ \"execution\": { \"runId\": \"r\" } }")]
    [InlineData("waitNewEvent=true", "{ \"waitNewEvent\": true }")]
    [InlineData("waitNewEvent=T", "{ \"waitNewEvent\": true }")]
    [InlineData("historyEventFilterType=2", "{ \"historyEventFilterType\": 2 }")]
    [InlineData("historyEventFilterType=HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT", "{ \"historyEventFilterType\": 2 }")]
    [InlineData("nextPageToken=%2B%2F8%3D", "{ \"nextPageToken\": \"+/8=\" }")]
    [InlineData("nextPageToken=-_8", "{ \"nextPageToken\": \"+/8=\" }")]
    [InlineData("nextPageToken=", "{ }")]
    [InlineData("noSuchParameter=1&pretty", "{ }")]
    [InlineData("namespace=other&execution.workflowId=other", "{ }")]
    public async Task A_parameter_of_the_query_fills_its_field(string query, string expected)
    {
        var (http, got) = await HistoryAsync();
        await using var _ = http;

        await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}?{query}");

        var request = JsonParser.Default.Parse<GetWorkflowExecutionHistoryRequest>(expected);
        request.Namespace = "default";
        (request.Execution ??= new WorkflowExecution()).WorkflowId = "orders";
        got().ShouldBe(request);
    }

    [Theory]
    [InlineData("maximumPageSize=three", "parsing field \"maximum_page_size\"")]
    [InlineData("historyEventFilterType=NONE", "parsing field \"history_event_filter_type\"")]
    [InlineData("historyEventFilterType=99", "parsing field \"history_event_filter_type\"")]
    [InlineData("maximumPageSize=1&maximumPageSize=2", "too many values for field \"maximum_page_size\": 1, 2")]
    [InlineData("waitNewEvent=perhaps", "parsing field \"wait_new_event\"")]
    [InlineData("nextPageToken=!", "parsing field \"next_page_token\": illegal base64 data at input byte 0")]
    [InlineData("maximumPageSize=9999999999", "parsing field \"maximum_page_size\": strconv.ParseInt: parsing \"9999999999\": value out of range")]
    [InlineData("historyEventFilterType=-", "parsing field \"history_event_filter_type\": \"-\" is not a valid value")]
    [InlineData("maximumPageSize.deeper=1", "invalid path: \"maximum_page_size\" is not a message")]
    [InlineData("execution=x", "parsing field \"execution\"")]
    [InlineData("maximumPageSize=1;pretty", "invalid semicolon separator in query")]
    public async Task A_parameter_that_is_no_such_value_is_refused_by_its_field(string query, string message)
    {
        var (http, _) = await HistoryAsync();
        await using var __ = http;

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}?{query}");

        (answer.Status, answer.Json["code"]!.GetValue<int>(), answer.Json["message"]!.GetValue<string>()[..message.Length]).ShouldBe((400, 3, message));
    }

    /// <summary>Clients of .NET never send such a query.</summary>
    [Theory]
    [InlineData("maximumPageSize=%zz", "invalid URL escape \"%zz\"")]
    [InlineData("a=1&noSuchParameter%2=1", "invalid URL escape \"%2=\"")]
    [InlineData("a=1%", "invalid URL escape \"%\"")]
    [InlineData("a=%C3%A9&&b", null)]
    public void An_escape_in_a_query_that_is_none_is_told(string query, string? fault) => HttpPath.FaultOf(query).ShouldBe(fault);

    [Theory]
    [InlineData("", "{ \"maximumPageSize\": 7, \"waitNewEvent\": true }")]
    [InlineData("get", "{ \"maximumPageSize\": 7, \"waitNewEvent\": true }")]
    public async Task A_form_that_is_posted_stands_for_a_query(string overridden, string expected)
    {
        var (http, got) = await HistoryAsync();
        await using var _ = http;

        await http.SendAsync(
            HttpMethod.Post, $"{http.Api}{History}?waitNewEvent=true", "maximumPageSize=7", ("Content-Type", "application/x-www-form-urlencoded"), ("X-HTTP-Method-Override", overridden));

        var request = JsonParser.Default.Parse<GetWorkflowExecutionHistoryRequest>(expected);
        request.Namespace = "default";
        request.Execution = new WorkflowExecution { WorkflowId = "orders" };
        got().ShouldBe(request);
    }

    [Theory]
    [InlineData("[\"text\", 1.50, null]", "\"text\"|1.5|")]
    [InlineData("[{\"b\":1.0,\"a\":[]}, \"<é👋>\", 1E5, 1e30, 1e-7, 123456789012345678]", "{\"a\":null,\"b\":1}|\"\\u003cé👋\\u003e\"|100000|1e+30|1e-7|123456789012345678")]
    [InlineData(
        "[{\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"data\":\"Mg==\",\"more\":1}]",
        "{\"data\":\"Mg==\",\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"more\":1}")]
    [InlineData("{\"payloads\":[{\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"data\":\"MQ==\"}]}", "1")]
    [InlineData("[{\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"data\":\"Mg==\"}]", "2")]
    [InlineData("[{\"metadata\":\"of its own\"}]", "{\"metadata\":\"of its own\"}")]
    [InlineData("[{\"_protoMessageType\":\"a.B\",\"x\":1}]", "{\"x\":1}")]
    public async Task Payloads_are_understood_as_json_and_in_full(string input, string data)
    {
        StartWorkflowExecutionRequest? got = null;
        await using var http = await HttpFixture.StartAsync<StartWorkflowExecutionRequest, StartWorkflowExecutionResponse>(
            "StartWorkflowExecution", (request, _) => Task.FromResult(Answer(got = request, new StartWorkflowExecutionResponse())));

        await http.SendAsync(HttpMethod.Post, $"{http.Api}/namespaces/default/workflows/orders", $"{{\"input\":{input},\"workflow_id\":\"of the body\"}}");

        string.Join('|', got!.Input.Payloads_.Select(payload => payload.Data.ToStringUtf8())).ShouldBe(data);
    }

    [Theory]
    [InlineData("application/json+no-payload-shorthand", "application/json+no-payload-shorthand")]
    [InlineData("application/json+pretty; charset=utf-8", "application/json+pretty")]
    [InlineData("application/json", "*")]
    public async Task An_answer_has_the_form_of_the_request_unless_another_is_asked_for(string sent, string answered)
    {
        var (http, _) = await HistoryAsync();
        await using var closing = http;

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}", "", ("Content-Type", sent));

        answer.ContentType.ShouldBe(answered);
    }

    [Theory]
    [InlineData("", "*", "{\"history\":{\"events\":[{\"eventId\":\"1\",\"eventType\":\"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED\",\"workflowExecutionStartedEventAttributes\":{\"input\":[{\"a\":\"é<\"},{\"metadata\":{\"encoding\":\"YmluYXJ5L251bGw=\"}}]}}]}}")]
    [InlineData("?noPayloadShorthand", "application/json+no-payload-shorthand", "{\"history\":{\"events\":[{\"eventId\":\"1\",\"eventType\":\"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED\",\"workflowExecutionStartedEventAttributes\":{\"input\":{\"payloads\":[{\"metadata\":{\"encoding\":\"anNvbi9wbGFpbg==\"},\"data\":\"eyAiYSIgOiAiw6k8IiB9\"},{\"metadata\":{\"encoding\":\"YmluYXJ5L251bGw=\"}}]}}}]}}")]
    public async Task Payloads_that_hold_json_stand_for_themselves_unless_they_are_wanted_in_full(string query, string contentType, string body)
    {
        var (http, _) = await HistoryAsync(Started("{ \"a\" : \"é<\" }"));
        await using var __ = http;

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}{query}");

        (answer.Status, answer.ContentType, answer.Text).ShouldBe((200, contentType, body));
    }

    [Theory]
    [InlineData("json/plain", "{not json")]
    [InlineData("binary/encrypted", "secret")]
    public async Task Payloads_of_which_one_is_no_json_are_all_written_in_full(string encoding, string data)
    {
        var response = Started("1");
        response.History.Events[0].WorkflowExecutionStartedEventAttributes.Input.Payloads_.Add(Payload(encoding, data));
        var (http, _) = await HistoryAsync(response);
        await using var __ = http;

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}");

        answer.Json["history"]!["events"]![0]!["workflowExecutionStartedEventAttributes"]!["input"]!["payloads"]!.AsArray().Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404, 5)]
    [InlineData("GET", "/api/v1/namespaces/default/workflows/a%2Fb/history", 404, 5)]
    [InlineData("POST", "/api/v1/namespaces/default/workflows/orders/history", 501, 12)]
    public async Task A_path_that_leads_nowhere_and_a_verb_that_it_does_not_take_are_told_apart(string verb, string path, int status, int code)
    {
        var (http, _) = await HistoryAsync();
        await using var __ = http;

        var answer = await http.SendAsync(new HttpMethod(verb), http.Api + path);

        (answer.Status, answer.Json["code"]!.GetValue<int>()).ShouldBe((status, code));
    }

    [Fact]
    public async Task A_last_segment_that_is_empty_fills_its_field()
    {
        await using var http = await HttpFixture.StartAsync<DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse>(
            "DescribeWorkflowExecution", (request, _) => throw new RefusalException(RefusalKind.InvalidArgument, $"it is '{request.Execution.WorkflowId}'"));

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}/namespaces/default/workflows/");

        answer.Json["message"]!.GetValue<string>().ShouldBe("it is ''");
    }

    [Theory]
    [InlineData("/api/v1//namespaces/default", "/api/v1/namespaces/default")]
    [InlineData("/api/../api/v1/./x?a=1", "/api/v1/x?a=1")]
    public void A_path_is_tidied_up(string target, string expected)
    {
        var (path, query) = EmbeddedServer.Transport.Http.HttpPath.Split(target);

        (EmbeddedServer.Transport.Http.HttpPath.Clean(path) + (query.Length > 0 ? "?" + query : "")).ShouldBe(expected);
    }

    [Fact]
    public async Task An_untidy_path_is_redirected()
    {
        var (http, _) = await HistoryAsync();
        await using var __ = http;

        (await http.StatusLineAsync("/api/v1//namespaces/default/workflows/orders/history")).ShouldStartWith("HTTP/1.1 301");
    }

    [Theory]
    [InlineData(RefusalKind.InvalidArgument, 400)]
    [InlineData(RefusalKind.NotFound, 404)]
    [InlineData(RefusalKind.AlreadyExists, 409)]
    [InlineData(RefusalKind.ResourceExhausted, 429)]
    [InlineData(RefusalKind.Unavailable, 503)]
    [InlineData(RefusalKind.DeadlineExceeded, 504)]
    [InlineData(RefusalKind.Internal, 500)]
    public async Task A_refusal_has_the_status_of_its_kind_and_its_typed_detail(RefusalKind kind, int status)
    {
        await using var http = await HttpFixture.StartAsync<GetSystemInfoRequest, GetSystemInfoResponse>(
            "GetSystemInfo", (_, _) => throw new RefusalException(kind, "no", new NamespaceNotFoundFailure { Namespace = "orders" }));

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}/system-info");

        (answer.Status, answer.Text).ShouldBe((status,
            $"{{\"code\":{(int)kind},\"message\":\"no\",\"details\":[{{\"@type\":\"type.googleapis.com/temporal.api.errordetails.v1.NamespaceNotFoundFailure\",\"namespace\":\"orders\"}}]}}"));
    }

    [Fact]
    public async Task What_nobody_expected_is_kept_from_the_caller()
    {
        await using var http = await HttpFixture.StartAsync<GetSystemInfoRequest, GetSystemInfoResponse>(
            "GetSystemInfo", (_, _) => throw new InvalidOperationException("the inner workings"));

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}/system-info");

        (answer.Status, answer.Text).ShouldBe((500, "{\"code\":13,\"message\":\"internal error\"}"));
    }

    [Fact]
    public async Task An_answer_that_has_no_json_is_a_failure_like_any_other()
    {
        var (http, _) = await HistoryAsync(new GetWorkflowExecutionHistoryResponse
        {
            History = new() { Events = { new HistoryEvent { EventTime = new() { Nanos = -1 } } } },
        });
        await using var __ = http;

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}{History}");

        (answer.Status, answer.Text).ShouldBe((500, "{\"code\":13,\"message\":\"internal error\"}"));
    }

    [Theory]
    [InlineData("100m", 504, 4)]
    [InlineData("1x", 400, 3)]
    [InlineData("S", 400, 3)]
    public async Task A_call_takes_no_longer_than_its_caller_says(string timeout, int status, int code)
    {
        await using var http = await HttpFixture.StartAsync<QueryWorkflowRequest, QueryWorkflowResponse>("QueryWorkflow", async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
            return new QueryWorkflowResponse();
        });

        var answer = await http.SendAsync(HttpMethod.Post, $"{http.Api}/namespaces/default/workflows/orders/query/state", "{}", ("Grpc-Timeout", timeout));

        (answer.Status, answer.Json["code"]!.GetValue<int>()).ShouldBe((status, code));
    }

    [Theory]
    [InlineData(null, 60_000)]
    [InlineData("99999999H", 60_000)]
    [InlineData("2S", 2_000)]
    [InlineData("250000u", 250)]
    public void Whoever_says_nothing_gets_a_minute_and_nobody_more(string? header, int milliseconds) =>
        EmbeddedServer.Transport.Http.CallTimeouts.Read(header).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("")]
    [InlineData("{\"identity\":1}")]
    [InlineData("{\"identity\":\"a\",\"identity\":\"b\"}")]
    [InlineData("{\"noSuchField\":1}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"identity\":")]
    [InlineData("{\"identity\":\"\xff\"}")]
    public async Task Only_a_body_that_is_such_a_message_gets_through(string body)
    {
        await using var http = await HttpFixture.StartAsync<TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse>(
            "TerminateWorkflowExecution", (_, _) => Task.FromResult(new TerminateWorkflowExecutionResponse()));
        using var client = new HttpClient();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));

        using var answer = await client.PostAsync(new Uri($"{http.Api}/namespaces/default/workflows/orders/terminate"), content);

        ((int)answer.StatusCode).ShouldBe(body.Length == 0 ? 200 : 400);
    }

    [Fact]
    public async Task A_body_over_four_megabytes_is_refused()
    {
        await using var http = await HttpFixture.StartAsync<TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse>(
            "TerminateWorkflowExecution", (_, _) => throw new InvalidOperationException("must not be called"));

        var answer = await http.SendAsync(
            HttpMethod.Post, $"{http.Api}/namespaces/default/workflows/orders/terminate", $"{{\"reason\":\"{new string('x', 4 * 1024 * 1024)}\"}}");

        (answer.Status, answer.Text).ShouldBe((400, "{\"code\":3,\"message\":\"http: request body too large\"}"));
    }

    [Theory]
    [InlineData("Bearer of-the-client", 200)]
    [InlineData("Bearer another", 403)]
    [InlineData(null, 403)]
    public async Task A_known_api_key_is_needed_where_there_are_any(string? authorization, int status)
    {
        await using var http = await HttpFixture.StartAsync<GetSystemInfoRequest, GetSystemInfoResponse>(
            "GetSystemInfo", (_, _) => Task.FromResult(new GetSystemInfoResponse()), "of-the-client");

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Api}/system-info", body: null, authorization is null ? [] : [("Authorization", authorization)]);

        answer.Status.ShouldBe(status);
    }

    private static async Task<(HttpFixture Http, Func<GetWorkflowExecutionHistoryRequest> Got)> HistoryAsync(GetWorkflowExecutionHistoryResponse? response = null)
    {
        GetWorkflowExecutionHistoryRequest? got = null;
        var http = await HttpFixture.StartAsync<GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse>(
            "GetWorkflowExecutionHistory", (request, _) => Task.FromResult(Answer(got = request, response ?? new GetWorkflowExecutionHistoryResponse())));
        return (http, () => got ?? throw new InvalidOperationException("The call was not made."));
    }

    private static TResponse Answer<TRequest, TResponse>(TRequest request, TResponse response) => request is null ? throw new InvalidOperationException() : response;

    private static GetWorkflowExecutionHistoryResponse Started(string input) => new()
    {
        History = new Temporalio.Api.History.V1.History
        {
            Events =
            {
                new HistoryEvent
                {
                    EventId = 1,
                    EventType = EventType.WorkflowExecutionStarted,
                    WorkflowExecutionStartedEventAttributes = new() { Input = new Payloads { Payloads_ = { Payload("json/plain", input), Payload("binary/null", "") } } },
                },
            },
        },
    };

    private static Payload Payload(string encoding, string data) =>
        new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) }, Data = ByteString.CopyFromUtf8(data) };
}
