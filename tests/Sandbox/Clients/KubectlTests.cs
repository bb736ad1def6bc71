using System.Diagnostics;
using Onramp.Testing;

namespace Onramp.Sandbox.Tests.Clients;

/// <summary>The real kubectl, where the machine has it.</summary>
public sealed class KubectlTests
{
    private static readonly string? Kubectl = Programs.Find("kubectl");

    private const string Quota = """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: plan, namespace: team-a}
        spec: {hard: {pods: "10", configmaps: "5"}}
        """;

    [SkippableFact]
    public async Task Reads_writes_conflicts_and_waits()
    {
        Skip.If(Kubectl is null, "kubectl is not on this machine");
        await using var sandbox = await SandboxHost.StartAsync(new SandboxOptions
        {
            KubernetesTls = true, ControllerDelay = TimeSpan.FromMilliseconds(100), NamespaceTerminationDelay = TimeSpan.FromMilliseconds(300),
        });
        using var folder = new TemporaryFolder();
        var config = folder.File("config");
        await File.WriteAllTextAsync(config, Config(sandbox));

        async Task<string> Run(string arguments, string? input = null, int exit = 0)
        {
            var start = new ProcessStartInfo(Kubectl!, arguments.Split(' '))
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, Environment = { ["KUBECONFIG"] = config, ["HOME"] = folder.Path },
            };
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            var text = await output + await error;
            process.ExitCode.ShouldBe(exit, $"kubectl {arguments}\n{text}");
            return text.Trim();
        }

        (await Run("create namespace team-a")).ShouldBe("namespace/team-a created");
        (await Run("get namespace team-a --no-headers")).ShouldStartWith("team-a   Active");
        (await Run("apply --server-side -f - --field-manager=platform", Quota)).ShouldBe("resourcequota/plan serverside-applied");
        (await Run("patch resourcequota plan -n team-a --type=merge --field-manager=by-hand -p {\"spec\":{\"hard\":{\"pods\":\"99\"}}}")).ShouldContain("patched");
        (await Run("apply --server-side -f - --field-manager=platform", Quota, exit: 1)).ShouldContain("conflict with \"by-hand\" using v1: .spec.hard.pods");
        (await Run("apply --server-side --force-conflicts -f - --field-manager=platform", Quota)).ShouldContain("serverside-applied");
        (await Run("get quota plan -n team-a -o jsonpath={.spec.hard.pods}")).ShouldBe("10");

        (await Run("create -f -", Quota, exit: 1)).ShouldContain("AlreadyExists");
        (await Run("apply -f -", Quota.Replace("plan", "client-side", StringComparison.Ordinal))).ShouldBe("resourcequota/client-side created");
        (await Run("apply -f -", Quota.Replace("plan", "client-side", StringComparison.Ordinal).Replace("\"10\"", "\"12\"", StringComparison.Ordinal)))
            .ShouldBe("resourcequota/client-side configured");
        (await Run("label namespace team-a platform.io/team=payments")).ShouldContain("labeled");
        (await Run("get namespaces -l platform.io/team=payments -o name")).ShouldBe("namespace/team-a");
        (await Run("get gitrepositories -A")).ShouldContain("No resources found");
        (await Run("describe namespace team-a")).ShouldContain("Status:       Active");
        (await Run("auth can-i create namespaces")).ShouldStartWith("yes");
        (await Run("delete namespace team-a --timeout=20s")).ShouldContain("deleted");
        (await Run("get namespace team-a", exit: 1)).ShouldContain("namespaces \"team-a\" not found");
    }

    private static string Config(SandboxHost sandbox) => $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: sandbox
          cluster:
            server: {{sandbox.Kubernetes}}
            certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(sandbox.CertificateAuthorityPem))}}
        users:
        - name: admin
          user:
            token: {{sandbox.Options.Credentials.KubernetesToken}}
        contexts:
        - name: sandbox
          context:
            cluster: sandbox
            user: admin
        current-context: sandbox
        """;
}
