using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Cli.Hosting;
using Onramp.Sandbox;
using Onramp.Testing;
using Onramp.Worker;

namespace Onramp.Cli.Tests.Telemetry;

/// <summary>Who may read the worker's pages.</summary>
public sealed class MetricsAccessTests : IAsyncLifetime
{
    private const string Token = "the-token-of-metrics";

    private readonly HttpClient http = new();
    private EmbeddedEnvironment environment = null!;
    private SandboxHost sandbox = null!;
    private WorkerHost worker = null!;

    public async Task InitializeAsync()
    {
        environment = await EmbeddedEnvironment.StartAsync();
        sandbox = await SandboxHost.StartAsync(new SandboxOptions());
        worker = await WorkerHost.StartAsync(
            new WorkerOptions { MetricsToken = Token }, WorkerConfiguration.Build(SandboxSettings.For(sandbox), file: null), environment.Client, NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        await worker.DisposeAsync();
        await sandbox.DisposeAsync();
        await environment.DisposeAsync();
    }

    [Theory]
    [InlineData("metrics", null, HttpStatusCode.Unauthorized)]
    [InlineData("metrics", "another-token-entirely", HttpStatusCode.Unauthorized)]
    [InlineData("metrics", Token, HttpStatusCode.OK)]
    [InlineData("healthz/live", null, HttpStatusCode.OK)]
    public async Task Metrics_ask_for_their_token_and_health_does_not(string path, string? token, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(worker.Address, path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var response = await http.SendAsync(request);

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_namespace_without_our_search_attributes_keeps_it_from_being_ready()
    {
        using var response = await http.GetAsync(new Uri(worker.Address, "healthz/ready"));

        (response.StatusCode, (await response.Content.ReadAsStringAsync()).Contains("temporal operator search-attribute create", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.ServiceUnavailable, true));
    }
}
