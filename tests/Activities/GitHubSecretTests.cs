using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Onramp.Workflows.Contracts;
using Temporalio.Converters;

namespace Onramp.Activities.Tests;

/// <summary>However a call to GitHub fails, no credential that was sent with it gets into a log, an error or the history.</summary>
public sealed class GitHubSecretTests(AppSandboxFixture fixture) : IClassFixture<AppSandboxFixture>
{
    private readonly GitHubCalls calls = new();
    private readonly ConcurrentQueue<string> logs = new();

    /// <summary>Route of a call made with a token or as the App, and what becomes of it.</summary>
    public static TheoryData<string, string, string> Failures
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (method, route) in new[]
            {
                ("GET", "/repos/{owner}/{repo}"),
                ("POST", "/repos/{owner}/{repo}/generate"),
                ("PUT", "/repos/{owner}/{repo}/topics"),
                ("GET", "/repos/{owner}/{repo}/actions/oidc/customization/sub"),
                ("GET", "/orgs/{org}/installation"),
                ("POST", "/app/installations/{id}/access_tokens"),
            })
            {
                foreach (var failure in new[] { "301", "401", "403", "404", "409", "422", "429", "500", "drop", "not JSON", "other JSON", "echo" })
                    data.Add(method, route, failure);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task No_credential_is_told(string method, string route, string failure)
    {
        await using var run = await fixture.StartAsync(Listen);
        if (route.Contains("oidc") || route.Contains("topics"))
            await run.CallAsync(ActivityNames.CreateRepository, [run.Input(StepIds.Repository)]);
        await run.AddFaultAsync(Fault(method, route, failure));

        var exception = await Record.ExceptionAsync(() => run.DoAsync(StepIds.Repository));

        (await run.FaultsAsync()).Single()!["used"]!.GetValue<long>().ShouldBeGreaterThan(0);
        var told = new List<string>(logs);
        foreach (var e in new[] { exception, run.LastFailure }.OfType<Exception>())
        {
            told.Add(e.ToString());
            told.Add(DataConverter.Default.FailureConverter.ToFailure(e, DataConverter.Default.PayloadConverter).ToString());
        }
        calls.Credentials.ShouldNotBeEmpty();
        foreach (var secret in calls.Credentials.Append("ghs_echoed"))
            told.ShouldAllBe(t => !t.Contains(secret, StringComparison.Ordinal));
    }

    /// <summary>Everything that anything in the process of the activities logs, down to traces.</summary>
    private void Listen(IServiceCollection services)
    {
        calls.Record(services);
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(new LogKeeper(logs)));
    }

    private static JsonObject Fault(string method, string route, string failure)
    {
        var fault = new JsonObject { ["system"] = "github", ["method"] = method, ["route"] = route, ["action"] = "fail", ["status"] = 200, ["times"] = 3 };
        if (int.TryParse(failure, out var status))
            fault["status"] = status;
        else if (failure == "drop")
            fault["action"] = "drop";
        else if (failure == "not JSON")
            fault["body"] = "{\"token\": \"ghs_echoed\", <html>";
        else if (failure == "other JSON")
            fault["body"] = new JsonObject { ["token"] = "ghs_echoed", ["id"] = "ghs_echoed", ["created_at"] = "ghs_echoed", ["expires_at"] = "ghs_echoed" };
        else
            (fault["status"], fault["body"]) = (403, new JsonObject { ["message"] = "no entry: Authorization: Bearer ghs_echoed" });
        return fault;
    }

    private sealed class LogKeeper(ConcurrentQueue<string> logs) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            logs.Enqueue($"{state}");
            return null;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
