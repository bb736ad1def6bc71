using System.Net;
using System.Net.Http.Json;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Tests;

/// <summary>The same request is the same run; a different one is told so.</summary>
public sealed class RequestTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    private const string Services = ApiPaths.Services;
    private const string Key = "Idempotency-Key";

    [Fact]
    public async Task A_request_is_accepted_with_its_location()
    {
        using var response = await fixture.SendAsync(HttpMethod.Post, Services, StarterFixture.Good("location"));
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        response.Headers.Location!.ToString().ShouldBe($"{Services}/location-development");
        var accepted = await ReadAsync(response);
        (accepted.Id, accepted.Status, accepted.Started).ShouldBe(("location-development", OnboardingStatus.Pending, true));
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_run()
    {
        var first = await RequestAsync(StarterFixture.Good("again"));
        var second = await RequestAsync(StarterFixture.Good("again", ""","plan":"small" """));
        (second.RunId, second.Started).ShouldBe((first.RunId, false));
    }

    [Fact]
    public async Task The_same_request_many_times_at_once_is_one_run()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RequestAsync(StarterFixture.Good("atonce"))));
        all.Select(a => a.RunId).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
        all.Count(a => a.Started).ShouldBe(1);
    }

    [Fact]
    public async Task A_different_request_for_a_service_in_flight_is_a_conflict()
    {
        await RequestAsync(StarterFixture.Good("taken"));
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("taken", ""","plan":"large" """));
        (status, problem.Type, problem.Existing).ShouldBe((HttpStatusCode.Conflict, "urn:onramp:problem:service-in-flight", "taken-development"));
    }

    [Fact]
    public async Task P04_the_same_key_gives_the_same_run_at_once_and_later()
    {
        var atOnce = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RequestAsync(StarterFixture.Good("keyed"), (Key, "key-1"))));
        var later = await RequestAsync(StarterFixture.Good("keyed"), (Key, "key-1"));
        atOnce.Append(later).Select(a => a.RunId).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_key_is_known_to_another_starter_too()
    {
        var first = await RequestAsync(StarterFixture.Good("shared"), (Key, "key-shared"));
        await using var other = await fixture.StartAsync(new StarterOptions());
        using var http = new HttpClient { BaseAddress = other.Address };
        using var message = new HttpRequestMessage(HttpMethod.Post, Services) { Content = new StringContent(StarterFixture.Good("shared"), null, "application/json") };
        message.Headers.Add(Key, "key-shared");
        using var response = await http.SendAsync(message);
        (await ReadAsync(response)).RunId.ShouldBe(first.RunId);
    }

    [Fact]
    public async Task P04_a_different_body_under_the_same_key_is_refused()
    {
        await RequestAsync(StarterFixture.Good("firstbody"), (Key, "key-2"));
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("otherbody"), headers: (Key, "key-2"));
        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (problem.Errors.Single().Field, problem.Errors.Single().Rule).ShouldBe((Key, "sameBody"));
        (await fixture.SendRefusedAsync(HttpMethod.Get, $"{Services}/otherbody-development")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_key_that_is_no_key_is_refused()
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("badkey"), headers: (Key, new string('k', 201)));
        (status, problem.Errors.Single().Field).ShouldBe((HttpStatusCode.BadRequest, Key));
    }

    [Fact]
    public async Task The_list_is_filtered_and_paged()
    {
        foreach (var n in Enumerable.Range(1, 5))
            await RequestAsync($$"""{"name":"paged-{{n}}","team":"checkout","environment":"staging"}""");
        await RequestAsync("""{"name":"paged-6","team":"security","environment":"staging"}""");
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await fixture.Http.GetFromJsonAsync<ServicePage>(
                $"{Services}?team=checkout&environment=staging&state=pending&pageSize=2&pageToken={Uri.EscapeDataString(token ?? "")}", ApiJson.Options);
            page!.Items.Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Items.Select(i => i.Id));
            token = page.NextPageToken;
        }
        while (token is not null);
        seen.Order(StringComparer.Ordinal).ShouldBe(["paged-1-staging", "paged-2-staging", "paged-3-staging", "paged-4-staging", "paged-5-staging"]);
    }

    [Fact]
    public async Task Without_a_worker_what_the_server_knows_is_shown()
    {
        await RequestAsync(StarterFixture.Good("noworker"));
        var view = (await fixture.Http.GetFromJsonAsync<ServiceView>($"{Services}/noworker-development", ApiJson.Options))!;
        (view.IsComplete, view.IsClosed, view.Progress.Status, view.Progress.Team).ShouldBe((false, false, OnboardingStatus.Pending, "payments"));
    }

    [Fact]
    public async Task A_terminated_run_is_shown_as_failed_and_can_not_be_cancelled()
    {
        var accepted = await RequestAsync(StarterFixture.Good("terminated"));
        await fixture.Temporal.GetWorkflowHandle(OnboardingContract.WorkflowId("terminated", "development"), accepted.RunId).TerminateAsync("test");
        var view = (await fixture.Http.GetFromJsonAsync<ServiceView>($"{Services}/terminated-development", ApiJson.Options))!;
        (view.IsClosed, view.Progress.Status).ShouldBe((true, OnboardingStatus.Failed));
        (await fixture.SendRefusedAsync(HttpMethod.Delete, $"{Services}/terminated-development")).Problem.Type.ShouldBe("urn:onramp:problem:not-in-flight");
    }

    [Fact]
    public async Task A_run_in_flight_can_be_cancelled()
    {
        await RequestAsync(StarterFixture.Good("cancelled"));
        using var response = await fixture.SendAsync(HttpMethod.Delete, $"{Services}/cancelled-development");
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private async Task<ServiceAccepted> RequestAsync(string body, params (string, string)[] headers)
    {
        using var response = await fixture.SendAsync(HttpMethod.Post, Services, body, headers: headers);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return await ReadAsync(response);
    }

    private static async Task<ServiceAccepted> ReadAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<ServiceAccepted>(ApiJson.Options))!;
}
