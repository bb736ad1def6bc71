using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>One sandbox a test class; each test starts from the seed.</summary>
public class SandboxFixture : IAsyncLifetime
{
    private SandboxHost? sandbox;

    public SandboxHost Sandbox => sandbox!;

    public async Task InitializeAsync() => sandbox = await SandboxHost.StartAsync(Options());

    public async Task DisposeAsync() => await sandbox!.DisposeAsync();

    /// <summary>What the sandbox is made of.</summary>
    protected virtual SandboxOptions Options() => SandboxSettings.Fast();

    /// <summary>A run against the sandbox as seeded.</summary>
    internal async Task<SandboxRun> StartAsync(Workflows.Contracts.ServiceRequest? request = null)
    {
        var run = SandboxRun.Create(Sandbox, request);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }
}

/// <summary>One whose GitHub takes as many writes as come, for tests that do in a minute what services do in a day.</summary>
public sealed class UnpacedSandboxFixture : SandboxFixture
{
    protected override SandboxOptions Options()
    {
        var options = base.Options();
        (options.GitHubWritesPerMinute, options.GitHubWritesPerHour) = (null, null);
        return options;
    }
}
