using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>One sandbox a test class; each test starts from the seed.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private SandboxHost? sandbox;

    public SandboxHost Sandbox => sandbox!;

    public async Task InitializeAsync() => sandbox = await SandboxHost.StartAsync(SandboxSettings.Fast());

    public async Task DisposeAsync() => await sandbox!.DisposeAsync();

    /// <summary>A run against the sandbox as seeded.</summary>
    internal async Task<SandboxRun> StartAsync(Workflows.Contracts.ServiceRequest? request = null)
    {
        var run = SandboxRun.Create(Sandbox, request);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }
}
