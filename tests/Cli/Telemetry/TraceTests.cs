using System.Diagnostics;

namespace Onramp.Cli.Tests.Telemetry;

/// <summary>The trace of an onboarding whose worker was stopped and started again in the middle.</summary>
[Collection(nameof(ObservedRun))]
public sealed class TraceTests(ObservedRun run)
{
    private Activity Post => run.Spans.Single(s => IsRequest(s, "POST", "/api/v1/services"));

    [Fact]
    public void Every_attempt_of_every_step_is_in_the_trace_of_the_request() =>
        run.Attempts.Select(s => s.TraceId).Distinct().ShouldBe([Post.TraceId]);

    [Fact]
    public void Every_step_in_another_system_has_a_span() =>
        run.StepsOfSystems.Except(run.Attempts.Select(s => (string)s.GetTagItem("onramp.step")!), StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public void There_are_as_many_spans_as_attempts_although_the_run_was_replayed() => run.Attempts.Count().ShouldBe(run.AttemptsInHistory);

    [Fact]
    public void The_approval_is_in_the_trace_of_the_approvers_request()
    {
        var approval = run.Spans.Single(s => IsRequest(s, "POST", $"/api/v1/services/{ObservedRun.Id}/approvals"));

        run.Spans.Single(s => s.OperationName == "SignalWorkflow:approval").TraceId.ShouldBe(approval.TraceId);
    }

    [Fact]
    public void Calls_to_other_systems_are_under_the_step_that_made_them_and_hide_their_paths()
    {
        var steps = run.Attempts.Select(s => s.SpanId).ToHashSet();
        var calls = run.Spans.Where(s => s.Kind == ActivityKind.Client && steps.Contains(s.ParentSpanId)).ToList();

        calls.Count.ShouldBeGreaterThan(20);
        calls.SelectMany(s => s.TagObjects).Select(t => t.Value?.ToString() ?? "").ShouldAllBe(value => !value.Contains(run.WebhookPath, StringComparison.Ordinal));
        calls.Select(s => (string)s.GetTagItem("url.full")!).ShouldAllBe(url => new Uri(url).AbsolutePath == "/");
    }

    [Fact]
    public void Health_metrics_and_the_protocol_of_temporal_are_nobodys_trace() =>
        run.Spans.Where(s => s.Kind == ActivityKind.Server).Select(s => s.GetTagItem("url.path") as string ?? "")
            .Where(path => path.Contains("temporal.api", StringComparison.Ordinal) || path.StartsWith("/healthz", StringComparison.Ordinal) || path == "/metrics").ShouldBeEmpty();

    private bool IsRequest(Activity span, string method, string path) =>
        span.Kind == ActivityKind.Server && span.GetTagItem("http.request.method") as string == method && span.GetTagItem("url.path") as string == path
        && span.GetTagItem("server.port") is int port && run.Ports.Contains(port);
}
