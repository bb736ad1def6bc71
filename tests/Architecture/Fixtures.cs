using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Onramp.EmbeddedServer;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Saga;
using Temporalio.Client;

namespace Onramp.Architecture.Tests.Fixtures;

// Each of these but the first breaks a rule that a test holds against it.

internal sealed class KnowsNobody
{
    public async Task<string> NameAsync()
    {
        await Task.Yield();
        return nameof(KnowsNobody);
    }
}

internal sealed class KnowsActivities
{
    public string Name => typeof(Onramp.Activities.OnrampActivitiesExtensions).Name;
}

internal sealed class KnowsTheWeb
{
    public string Method(HttpContext context) => context.Request.Method;
}

internal sealed class KnowsSqlite
{
    public async Task OpenAsync()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
    }
}

internal sealed class KnowsWorkflows
{
    public Func<ServiceRequest, string> Read => request => request.Name;
}

internal sealed class KnowsTheServer
{
    public TemporalServerOptions Options { get; } = new();
}

internal sealed class KnowsAWorkflow
{
    public Type Workflow => typeof(OnboardServiceWorkflow);
}

internal sealed class KnowsTheSaga
{
    public Type Saga => typeof(SagaStep);
}

internal sealed class KnowsTheClient
{
    public Task<TemporalClient> ConnectAsync() => TemporalClient.ConnectAsync(new TemporalClientConnectOptions("localhost:7233"));
}
