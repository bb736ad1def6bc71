using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>A sandbox that knows the platform as a GitHub App, by its key.</summary>
public sealed class AppSandboxFixture : IAsyncLifetime
{
    private readonly RSA key = RSA.Create(2048);
    private SandboxHost? sandbox;

    public async Task InitializeAsync()
    {
        var options = SandboxSettings.Fast();
        options.Credentials.GitHubAppPublicKeyPem = key.ExportSubjectPublicKeyInfoPem();
        sandbox = await SandboxHost.StartAsync(options);
    }

    public async Task DisposeAsync()
    {
        await sandbox!.DisposeAsync();
        key.Dispose();
    }

    /// <summary>A run as the App, against the sandbox as seeded.</summary>
    internal async Task<SandboxRun> StartAsync(Action<IServiceCollection> configure)
    {
        var run = SandboxRun.Create(sandbox!, configure: configure, settings:
        [
            ("Onramp:GitHub:Token", ""),
            ("Onramp:GitHub:AppId", "1001"),
            ("Onramp:GitHub:AppPrivateKey", key.ExportPkcs8PrivateKeyPem()),
        ]);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }
}
