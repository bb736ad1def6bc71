using System.ComponentModel.DataAnnotations;
using System.Net.Http.Json;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Starter.Services.Preview;

namespace Onramp.Starter.Tests;

/// <summary>Answers lead to the run's page, where Temporal's web UI is known.</summary>
public sealed class RunPageTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    [Theory]
    [InlineData("http://127.0.0.1:8233", "http://127.0.0.1:8233")]
    [InlineData("https://tools.example.com/temporal/", "https://tools.example.com/temporal")]
    public async Task What_is_asked_for_and_what_is_shown_lead_to_the_page_of_the_run(string ui, string expected)
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { TemporalUi = new Uri(ui), QueryTimeout = TimeSpan.FromMilliseconds(200) });
        using var http = new HttpClient { BaseAddress = starter.Address };

        using var asked = await http.PostAsync(ApiPaths.Services, new StringContent(StarterFixture.Good("paged"), null, "application/json"));
        var accepted = await asked.Content.ReadFromJsonAsync<ServiceAccepted>(ApiJson.Options);
        var view = await http.GetFromJsonAsync<ServiceView>($"{ApiPaths.Services}/paged-development", ApiJson.Options);

        var page = $"{expected}/namespaces/default/workflows/onboarding-paged-development/{accepted!.RunId}/history";
        (accepted.RunPage, view!.RunPage).ShouldBe((page, page));
    }

    [Fact]
    public async Task A_change_leads_to_its_own()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { TemporalUi = new Uri("http://127.0.0.1:8233"), QueryTimeout = TimeSpan.FromMilliseconds(200) });
        using var http = new HttpClient { BaseAddress = starter.Address };

        using var asked = await http.PostAsync(ApiPaths.Preview, new StringContent("""{"name":"paged","team":"payments","environment":"development","by":"ada"}""", null, "application/json"));
        var accepted = await asked.Content.ReadFromJsonAsync<ChangeAccepted>(ApiJson.Options);

        accepted!.RunPage.ShouldBe($"http://127.0.0.1:8233/namespaces/default/workflows/change%3Apaged%3A{accepted.ChangeId}");
    }

    [Fact]
    public async Task Without_a_web_ui_nothing_is_said_of_it()
    {
        using var asked = await fixture.SendAsync(HttpMethod.Post, ApiPaths.Services, StarterFixture.Good("pageless"));

        (await asked.Content.ReadAsStringAsync()).ShouldNotContain("runPage");
    }

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("javascript:alert(1)")]
    public void Only_what_a_browser_may_follow_is_taken_for_a_web_ui(string address) =>
        Should.Throw<ValidationException>(new StarterOptions { TemporalUi = new Uri(address) }.Validate).Message.ShouldContain("is not the address of a web UI");
}
