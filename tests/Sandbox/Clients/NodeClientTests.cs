using System.Diagnostics;
using System.Runtime.CompilerServices;
using Onramp.Testing;

namespace Onramp.Sandbox.Tests.Clients;

/// <summary>Official JavaScript clients against the stand-ins; their packages are restored once from the lock file.</summary>
public sealed class NodeClientTests
{
    private static readonly Lazy<Task> s_packages = new(RestoreAsync);

    [SkippableFact]
    public Task Octokit_walks_the_golden_path() => RunScriptAsync("octokit.mjs", (sandbox, environment) =>
    {
        environment["SANDBOX_GITHUB"] = Text(sandbox.GitHub);
        environment["SANDBOX_TOKEN"] = sandbox.Options.Credentials.GitHubToken;
    });

    [SkippableFact]
    public Task Kubernetes_client_applies_watches_and_deletes() => RunScriptAsync("kubernetes.mjs", (sandbox, environment) =>
    {
        environment["SANDBOX_KUBERNETES"] = Text(sandbox.Kubernetes);
        environment["SANDBOX_TOKEN"] = sandbox.Options.Credentials.KubernetesToken;
    });

    [SkippableFact]
    public Task Azure_clients_follow_long_operations() => RunScriptAsync("azure.mjs", (sandbox, environment) =>
    {
        environment["SANDBOX_AZURE"] = $"https://localhost:{sandbox.Azure.Port}";
        environment["SANDBOX_SUBSCRIPTION"] = sandbox.Options.Seed.SubscriptionId;
        environment["SANDBOX_TENANT"] = sandbox.Options.Seed.TenantId;
        environment["SANDBOX_CLIENT"] = sandbox.Options.Credentials.AzureClientId;
        environment["SANDBOX_SECRET"] = sandbox.Options.Credentials.AzureClientSecret;
    });

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private static async Task RestoreAsync()
    {
        var (wanted, restored) = (Path.Combine(Folder(), "package-lock.json"), Path.Combine(Folder(), "node_modules", ".package-lock.json"));
        if (!File.Exists(restored) || File.GetLastWriteTimeUtc(restored) < File.GetLastWriteTimeUtc(wanted))
        {
            await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], []);
        }
    }

    private static async Task RunScriptAsync(string script, Action<SandboxHost, Dictionary<string, string>> configure)
    {
        Skip.IfNot(Programs.AreThere("node", "npm"), "Node.js and npm are not on this machine");
        await s_packages.Value;
        await using var sandbox = await SandboxHost.StartAsync(new SandboxOptions
        {
            TemplatePopulationDelay = TimeSpan.FromMilliseconds(300),
            ControllerDelay = TimeSpan.FromMilliseconds(100),
            AzureOperationDuration = TimeSpan.FromMilliseconds(200),
            PrincipalReplicationDelay = TimeSpan.FromMinutes(1),
        });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("ca.pem"), sandbox.CertificateAuthorityPem);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NODE_EXTRA_CA_CERTS"] = folder.File("ca.pem") };
        configure(sandbox, environment);
        (await RunAsync("node", [script], environment)).ShouldBe("ok");
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder(), UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{await output}{await error}");
        return (await output).Trim();
    }
}
