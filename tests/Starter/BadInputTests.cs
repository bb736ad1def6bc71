using System.Net;
using Onramp.Starter.Http;

namespace Onramp.Starter.Tests;

/// <summary>Each kind of bad input is refused by field and rule, and nothing starts.</summary>
public sealed class BadInputTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    private const string Services = ApiPaths.Services;

    [Theory]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","colour":"red"}""", "colour", "unknown")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","languag":"go"}""", "languag", "unknown")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","features":{"gitops":"flux"}}""", "features.gitops", "unknown")]
    [InlineData("""{"name":"Orders!","team":"payments","environment":"development"}""", "name", "pattern")]
    [InlineData("""{"name":"or","team":"payments","environment":"development"}""", "name", "length")]
    [InlineData("""{"name":"kube-orders","team":"payments","environment":"development"}""", "name", "reserved")]
    [InlineData("""{"name":"null","team":"payments","environment":"development"}""", "name", "yamlWord")]
    [InlineData("""{"name":"orders","team":"on","environment":"development"}""", "team", "yamlWord")]
    [InlineData("""{"name":"windows-agent","team":"payments","environment":"development"}""", "name", "azureReserved")]
    [InlineData("""{"name":"login","team":"payments","environment":"development"}""", "name", "azureReserved")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","costCenter":"cc-"}""", "costCenter", "labelValue")]
    [InlineData("""{"team":"payments","environment":"development"}""", "name", "required")]
    [InlineData("""{"name":"orders","team":"payments","environment":"moon"}""", "environment", "oneOf")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","plan":"gigantic"}""", "plan", "oneOf")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","networkPolicy":"none"}""", "networkPolicy", "oneOf")]
    [InlineData("""{"name":7,"team":"payments","environment":"development"}""", "name", "string")]
    [InlineData("""{"name":null,"team":"payments","environment":"development"}""", "name", "string")]
    [InlineData("""{"name":"orders","name":"orders","team":"payments","environment":"development"}""", "name", "once")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","dependencies":"billing"}""", "dependencies", "array")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","dependencies":[1]}""", "dependencies[0]", "string")]
    [InlineData("""{"name":"orders","team":"payments","environment":"development","features":{"alerts":"yes"}}""", "features.alerts", "boolean")]
    [InlineData("[]", "body", "object")]
    [InlineData("\"orders\"", "body", "object")]
    public async Task A_request_that_breaks_a_rule_is_refused_by_field_and_rule(string body, string field, string rule)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, body);
        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.Errors.ShouldContain(e => e.Field == field && e.Rule == rule, string.Join(", ", problem.Errors));
    }

    [Fact]
    public async Task Every_broken_rule_is_told_at_once()
    {
        var (_, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, """{"name":"X","team":"","environment":"moon","plan":"huge"}""");
        problem.Errors.Select(e => e.Field).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["environment", "name", "plan", "team"]);
    }

    [Fact]
    public async Task A_field_that_is_nearly_right_is_suggested()
    {
        var (_, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("orders", ""","langauge":"go" """));
        problem.Errors.Single().Message.ShouldEndWith("did you mean language?");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"name":"orders",}""")]
    [InlineData("not json")]
    [InlineData("""{"name":"orders"} trailing""")]
    public async Task Broken_json_is_refused(string body)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, body);
        (status, problem.Type).ShouldBe((HttpStatusCode.BadRequest, "urn:onramp:problem:broken-json"));
        problem.Errors.Single().Rule.ShouldBe("json");
    }

    [Fact]
    public async Task Json_nested_too_deep_is_refused()
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, new string('[', 200) + new string(']', 200));
        (status, problem.Type).ShouldBe((HttpStatusCode.BadRequest, "urn:onramp:problem:broken-json"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("")]
    [InlineData("application/xml")]
    public async Task Another_content_type_is_refused(string contentType)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("orders"), contentType);
        status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        problem.Errors.Single().Field.ShouldBe("Content-Type");
    }

    [Fact]
    public async Task An_oversized_body_is_refused()
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, Services, StarterFixture.Good("orders", $",\"description\":\"{new string('x', 70_000)}\""));
        status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (problem.Errors.Single().Field, problem.Errors.Single().Rule).ShouldBe(("body", "size"));
    }

    [Theory]
    [InlineData("nothing-development")]
    [InlineData("Nothing")]
    [InlineData("x")]
    [InlineData("..%2f..%2fetc")]
    public async Task An_unknown_service_is_not_found(string id)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Get, $"{Services}/{id}");
        (status, problem.Type).ShouldBe((HttpStatusCode.NotFound, "urn:onramp:problem:unknown-service"));
    }

    [Fact]
    public async Task Nothing_of_an_unknown_service_can_be_followed_cancelled_or_approved()
    {
        const string Id = $"{Services}/nothing-staging";
        var decision = $$"""{"verdict":"approve","planDigest":"{{new string('a', 64)}}","approver":"ada"}""";
        (await fixture.SendRefusedAsync(HttpMethod.Get, $"{Id}/events")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.SendRefusedAsync(HttpMethod.Delete, Id)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.SendRefusedAsync(HttpMethod.Post, $"{Id}/approvals", decision)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("{}", "verdict", "required")]
    [InlineData("""{"verdict":"maybe"}""", "verdict", "oneOf")]
    [InlineData("""{"verdict":"approve","planDigest":"abc"}""", "planDigest", "pattern")]
    [InlineData("""{"verdict":"approve"}""", "planDigest", "required")]
    [InlineData("""{"verdict":"approve"}""", "approver", "required")]
    [InlineData("""{"verdict":"approve","why":"because"}""", "why", "unknown")]
    public async Task A_decision_that_breaks_a_rule_is_refused(string body, string field, string rule)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Post, $"{Services}/orders-staging/approvals", body);
        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.Errors.ShouldContain(e => e.Field == field && e.Rule == rule);
    }

    [Theory]
    [InlineData("team=Pay'ments", "query.team", "pattern")]
    [InlineData("state=happy", "query.state", "oneOf")]
    [InlineData("environment=moon", "query.environment", "oneOf")]
    [InlineData("pageSize=0", "query.pageSize", "range")]
    [InlineData("pageSize=1000", "query.pageSize", "range")]
    [InlineData("pageSize=-5", "query.pageSize", "range")]
    [InlineData("pageToken=!!", "query.pageToken", "issued")]
    [InlineData("pageToken=Z2FyYmFnZQ==", "query.pageToken", "issued")]
    [InlineData("colour=red", "query.colour", "unknown")]
    [InlineData("team=a&team=b", "query.team", "once")]
    public async Task A_list_filter_that_breaks_a_rule_is_refused(string query, string field, string rule)
    {
        var (status, problem) = await fixture.SendRefusedAsync(HttpMethod.Get, $"{Services}?{query}");
        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.Errors.ShouldContain(e => e.Field == field && e.Rule == rule);
    }

    [Fact]
    public async Task An_unknown_path_and_a_wrong_method_are_problems_too()
    {
        (await fixture.SendRefusedAsync(HttpMethod.Get, "/api/v2/services")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.SendRefusedAsync(HttpMethod.Put, Services, "{}")).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Nothing_bad_ever_starts_a_run()
    {
        await fixture.SendRefusedAsync(HttpMethod.Post, Services, """{"name":"neverstarted","team":"payments","environment":"development","plan":"gigantic"}""");
        (await fixture.SendRefusedAsync(HttpMethod.Get, $"{Services}/neverstarted-development")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_correlation_id_comes_back_and_one_that_is_not_sane_is_replaced()
    {
        using var sane = await fixture.SendAsync(HttpMethod.Get, Services, headers: (CorrelationId.Header, "abc-123"));
        sane.Headers.GetValues(CorrelationId.Header).ShouldBe(["abc-123"]);
        using var mad = await fixture.SendAsync(HttpMethod.Get, Services, headers: (CorrelationId.Header, "a b<script>"));
        mad.Headers.GetValues(CorrelationId.Header).Single().ShouldNotContain("<");
    }
}
