using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
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
    public async Task An_address_in_use_is_an_io_error()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions());
        var taken = new IPEndPoint(IPAddress.Loopback, starter.Address.Port);
        await Should.ThrowAsync<IOException>(() => fixture.StartAsync(new StarterOptions { Listen = taken }));
    }

    private static StringContent Json(string text) => new(text, null, "application/json");
}
