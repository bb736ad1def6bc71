using System.Text;
using Onramp.Activities.Kubernetes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>The ways to log in to a cluster: token, token file, kubeconfig with its contexts, and a credential plugin; over TLS.</summary>
public sealed class ClusterConfigurationTests : IAsyncLifetime
{
    private static readonly ObjectRef Default = new(null, "default");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-cluster-");
    private SandboxHost sandbox = null!;

    private string GoodToken => sandbox.Options.Credentials.KubernetesToken;

    public async Task InitializeAsync()
    {
        var options = SandboxSettings.Fast();
        options.KubernetesTls = true;
        sandbox = await SandboxHost.StartAsync(options);
    }

    public async Task DisposeAsync()
    {
        await sandbox.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_token_and_an_authority_are_enough()
    {
        using var probe = new ClusterProbe(sandbox);

        (await FindAsync(probe)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused()
    {
        using var probe = new ClusterProbe(sandbox, o => o.CaCertificate = null);

        (await Should.ThrowAsync<ApplicationFailureException>(() => FindAsync(probe))).Message.ShouldContain("certificate");
    }

    [Fact]
    public async Task A_token_that_has_rotated_is_read_anew_once()
    {
        var file = Write("token", "the-former-one");
        using var probe = Rotating(file);
        sandbox.Options.Credentials.KubernetesToken = "the-former-one";
        await FindAsync(probe);
        sandbox.Options.Credentials.KubernetesToken = "the-next-one";
        File.WriteAllText(file, "the-next-one\n");

        (await FindAsync(probe)).ShouldNotBeNull();
        probe.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_token_that_stays_refused_is_tried_twice_and_no_more()
    {
        using var probe = Rotating(Write("token", "of-nobody"));

        (await Should.ThrowAsync<ApplicationFailureException>(() => FindAsync(probe))).ErrorType.ShouldBe(ErrorTypes.PermissionDenied);
        probe.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Calls_that_are_refused_together_log_in_anew_together()
    {
        var script = Plugin();
        Write("secret", "stale");
        using var probe = new ClusterProbe(sandbox, FromKubeConfig(KubeConfig(script)));

        await Should.ThrowAsync<ApplicationFailureException>(() => FindAsync(probe));
        var logins = Logins();
        Write("secret", GoodToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FindAsync(probe)));

        // Building the configuration logs in, and so does the first request of the client.
        (Logins() - logins).ShouldBe(2);
    }

    [Fact]
    public async Task A_kubeconfigs_current_context_is_used()
    {
        using var probe = new ClusterProbe(sandbox, FromKubeConfig(KubeConfig(Plugin())));
        Write("secret", GoodToken);

        (await FindAsync(probe)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Another_context_of_the_kubeconfig_can_be_named()
    {
        using var probe = new ClusterProbe(sandbox, o =>
        {
            FromKubeConfig(KubeConfig("/does/not/exist"))(o);
            o.Context = "by-token";
        });

        (await FindAsync(probe)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_credential_plugins_new_token_is_fetched_on_401()
    {
        using var probe = new ClusterProbe(sandbox, FromKubeConfig(KubeConfig(Plugin())));
        Write("secret", GoodToken);
        await FindAsync(probe);
        sandbox.Options.Credentials.KubernetesToken = "the-next-one";
        Write("secret", "the-next-one");

        (await FindAsync(probe)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_credential_plugin_that_fails_is_tried_again_later_and_named()
    {
        using var probe = new ClusterProbe(sandbox, FromKubeConfig(KubeConfig("/does/not/exist/kubelogin")));

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => FindAsync(probe));

        (failure.ErrorType, failure.Message).ShouldBe((
            ErrorTypes.Transient,
            "Kubernetes: the credential plugin kubelogin of context by-plugin failed; its own messages are on standard error"));
    }

    [Theory]
    [InlineData("", null, "no cluster is configured")]
    [InlineData("missing", null, "there is no kubeconfig")]
    [InlineData("kubeconfig", "elsewhere", "has no context elsewhere")]
    [InlineData("broken", null, "can't be read")]
    public async Task What_is_wrong_with_the_configuration_is_said(string file, string? context, string problem)
    {
        KubeConfig("/does/not/exist");
        Write("broken", "clusters: [");
        using var probe = new ClusterProbe(sandbox, o =>
        {
            o.BaseUrl = null;
            o.KubeConfig = file.Length == 0 ? null : Path.Combine(folder.FullName, file);
            o.Context = context;
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => FindAsync(probe));

        failure.Message.ShouldContain(problem);
        failure.ErrorType.ShouldBe(ErrorTypes.PermissionDenied);
    }

    private static Task<k8s.Models.V1Namespace?> FindAsync(ClusterProbe probe) => probe.Cluster.FindAsync(Kinds.Namespace, Default, default);

    private static Action<KubernetesOptions> FromKubeConfig(string path) => o => (o.BaseUrl, o.Token, o.CaCertificate, o.KubeConfig) = (null, null, null, path);

    private ClusterProbe Rotating(string tokenFile) => new(sandbox, o => (o.Token, o.TokenFile) = (null, tokenFile));

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private int Logins() => File.ReadAllLines(Path.Combine(folder.FullName, "logins")).Length;

    /// <summary>A credential plugin that gives out what the file <c>secret</c> holds, and counts.</summary>
    private string Plugin()
    {
        var path = Write("plugin", $$$"""
            #!/bin/sh
            echo once >> {{{folder.FullName}}}/logins
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat {{{folder.FullName}}}/secret)"
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private string KubeConfig(string plugin) => Write("kubeconfig", $"""
        apiVersion: v1
        kind: Config
        current-context: by-plugin
        clusters:
        - name: sandbox
          cluster:
            server: {sandbox.Kubernetes}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(sandbox.CertificateAuthorityPem))}
        contexts:
        - name: by-plugin
          context: {"{cluster: sandbox, user: plugin}"}
        - name: by-token
          context: {"{cluster: sandbox, user: token}"}
        users:
        - name: plugin
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: {plugin}
              interactiveMode: Never
        - name: token
          user:
            token: {GoodToken}
        """);
}
