using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Starter.Http;
using Onramp.Starter.Security;

namespace Onramp.Starter.Tests;

/// <summary>Tokens, limits, health and the API's description.</summary>
public sealed class AccessTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    private const string Token = "0123456789abcdef-grace";

    private static readonly ApiToken[] Tokens = [ApiToken.FromToken("grace", ["payments"], Token), ApiToken.FromSha256("ada", ["platform"], new string('0', 64))];

    [Theory]
    [InlineData(null, "required")]
    [InlineData("Bearer wrong-wrong-wrong-wrong", "known")]
    [InlineData("Basic Zm9vOmJhcg==", "known")]
    [InlineData("Bearer ", "known")]
    public async Task With_tokens_a_caller_without_one_is_turned_away(string? authorization, string rule)
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens });
        using var http = new HttpClient { BaseAddress = starter.Address };
        if (authorization is not null)
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var response = await http.GetAsync(ApiPaths.Services);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ShouldNotBeEmpty();
        (await response.Content.ReadFromJsonAsync<Problem>(ApiJson.Options))!.Errors.Single().Rule.ShouldBe(rule);
    }

    [Fact]
    public async Task The_token_says_who_asks()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens });
        using var http = new HttpClient { BaseAddress = starter.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var other = await http.PostAsync(ApiPaths.Services, Json(StarterFixture.Good("impostor", ""","requester":"mallory" """)));
        (await other.Content.ReadFromJsonAsync<Problem>(ApiJson.Options))!.Errors.Single().Field.ShouldBe("requester");
        using var own = await http.PostAsync(ApiPaths.Services, Json(StarterFixture.Good("owned")));
        own.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Health_and_description_need_no_token()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens });
        using var http = new HttpClient { BaseAddress = starter.Address };
        (await http.GetStringAsync(ApiPaths.Live)).ShouldBe("live");
        (await http.GetStringAsync(ApiPaths.Ready)).ShouldBe("ready");
        using var description = JsonDocument.Parse(await http.GetStringAsync(ApiPaths.OpenApi));
        description.RootElement.GetProperty("paths").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).ShouldBe(
        [
            "/api/v1/services", "/api/v1/services/{id}", "/api/v1/services/{id}/approvals", "/api/v1/services/{id}/events",
        ]);
    }

    [Fact]
    public async Task Beyond_loopback_tokens_are_required()
    {
        var failure = await Should.ThrowAsync<ValidationException>(() => fixture.StartAsync(new StarterOptions { Listen = new IPEndPoint(IPAddress.Any, 0) }));
        failure.Message.ShouldContain("API tokens are required");
    }

    [Fact]
    public async Task Too_many_requests_are_told_when_to_come_back()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { RequestsPerMinute = 2 });
        using var http = new HttpClient { BaseAddress = starter.Address };
        using var first = await http.GetAsync(ApiPaths.Services);
        using var second = await http.GetAsync(ApiPaths.Services);
        using var third = await http.GetAsync(ApiPaths.Services);
        (first.StatusCode, third.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.TooManyRequests));
        third.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Callers_that_nobody_knows_are_limited_too()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens, RequestsPerMinute = 1 });
        using var http = new HttpClient { BaseAddress = starter.Address };
        using var first = await http.GetAsync(ApiPaths.Services);
        using var second = await http.GetAsync(ApiPaths.Services);
        (first.StatusCode, second.StatusCode).ShouldBe((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_stranger_does_not_learn_which_paths_there_are()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens });
        using var http = new HttpClient { BaseAddress = starter.Address };
        using var response = await http.GetAsync("/api/v1/nothing-here");
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_request_s_activity_tells_its_correlation_id_and_caller()
    {
        var tags = new ConcurrentQueue<(object? CorrelationId, object? Caller)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => tags.Enqueue((activity.GetTagItem(CorrelationId.Tag), activity.GetTagItem("enduser.id"))),
        };
        ActivitySource.AddActivityListener(listener);
        await using (var starter = await fixture.StartAsync(new StarterOptions { Tokens = Tokens }))
        {
            using var http = new HttpClient { BaseAddress = starter.Address };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            http.DefaultRequestHeaders.Add(CorrelationId.Header, "traced-1");
            using var response = await http.GetAsync(ApiPaths.Services);
        }
        tags.ShouldContain(("traced-1", "grace"));
    }

    [Fact]
    public async Task What_is_composed_around_the_api_knows_id_caller_and_status_when_a_request_ends()
    {
        var seen = new ConcurrentQueue<(string Id, string Caller, int Status)>();
        await using (var starter = await fixture.StartAsync(
            new StarterOptions { Tokens = Tokens, ConfigureServices = services => services.AddSingleton<IStartupFilter>(new Watcher(seen)) }))
        {
            using var http = new HttpClient { BaseAddress = starter.Address };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            http.DefaultRequestHeaders.Add(CorrelationId.Header, "watched-1");
            using var response = await http.GetAsync($"{ApiPaths.Services}/nothing-staging");
        }
        seen.ShouldBe([("watched-1", "grace", 404)]);
    }

    [Fact]
    public async Task An_address_in_use_is_an_io_error()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions());
        var taken = new IPEndPoint(IPAddress.Loopback, starter.Address.Port);
        await Should.ThrowAsync<IOException>(() => fixture.StartAsync(new StarterOptions { Listen = taken }));
    }

    private sealed class Watcher(ConcurrentQueue<(string Id, string Caller, int Status)> seen) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
        {
            application.Use(async (context, rest) =>
            {
                await rest(context);
                seen.Enqueue((CorrelationId.Of(context), Caller.Of(context).Name, context.Response.StatusCode));
            });
            next(application);
        };
    }

    private static StringContent Json(string text) => new(text, null, "application/json");
}
