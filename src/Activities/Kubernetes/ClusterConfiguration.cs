using System.Net.Http.Headers;
using k8s;
using k8s.Authentication;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Kubernetes;

/// <summary>From our options to the official client's configuration.</summary>
internal static class ClusterConfiguration
{
    private const string System = "Kubernetes";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads the kubeconfig, the token's file or the pod's own account, as the options say. With a credential plugin this runs it, so
    /// it can take a while. Throws what a step should end with; never the reader's own words, which may hold what it read.
    /// </summary>
    public static KubernetesClientConfiguration Load(KubernetesOptions options)
    {
        var configuration = options.UsesKubeConfig ? FromKubeConfig(options) : FromOptions(options);
        configuration.HttpClientTimeout = CallTimeout;
        configuration.FirstMessageHandlerSetup = static handler =>
        {
            handler.AllowAutoRedirect = false;
            handler.ConnectTimeout = TimeSpan.FromSeconds(10);
            handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        };
        return configuration;
    }

    private static KubernetesClientConfiguration FromOptions(KubernetesOptions options)
    {
        var inCluster = string.IsNullOrEmpty(options.BaseUrl) && KubernetesClientConfiguration.IsInCluster();
        var configuration = inCluster
            ? KubernetesClientConfiguration.InClusterConfig()
            : new KubernetesClientConfiguration { Host = options.ServerUrl ?? throw NotConfigured("no cluster is configured", "BaseUrl or KubeConfig") };
        if (TrustedHttp.ReadPem(options.CaCertificate, options.CaCertificateFile) is { } pem)
        {
            configuration.SslCaCerts = [];
            configuration.SslCaCerts.ImportFromPem(pem);
        }
        if (!string.IsNullOrEmpty(options.Token))
            (configuration.AccessToken, configuration.TokenProvider) = (options.Token, null);
        else if (!File.Exists(options.TokenFile))
            throw NotConfigured("no token is configured", "Token or TokenFile");
        else
            configuration.TokenProvider = new TokenFileAuth(options.TokenFile);
        return configuration;
    }

    private static KubernetesClientConfiguration FromKubeConfig(KubernetesOptions options)
    {
        var path = options.KubeConfigPath;
        if (!File.Exists(path))
            throw NotConfigured($"there is no kubeconfig {path}", "KubeConfig");
        k8s.KubeConfigModels.K8SConfiguration read;
        try
        {
            read = KubernetesClientConfiguration.LoadKubeConfig(path);
        }
        catch (Exception e)
        {
            throw NotConfigured($"the kubeconfig {path} can't be read ({e.GetType().Name})", "KubeConfig");
        }
        var context = string.IsNullOrEmpty(options.Context) ? read.CurrentContext : options.Context;
        var details = read.Contexts?.FirstOrDefault(c => c.Name == context)?.ContextDetails
            ?? throw NotConfigured($"the kubeconfig {path} has no context {context}", "Context");
        try
        {
            var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(
                read, context, string.IsNullOrEmpty(options.BaseUrl) ? null : options.BaseUrl);
            if (configuration.TokenProvider is { } provider)
                configuration.TokenProvider = new OneAtATime(provider);
            return configuration;
        }
        catch (Exception e)
        {
            // A plugin asks somebody over the network; what it couldn't do now it may do later.
            throw read.Users?.FirstOrDefault(u => u.Name == details.User)?.UserCredentials?.ExternalExecution is { Command: { } command }
                ? Failures.Transient(System, $"the credential plugin {Path.GetFileName(command)} of context {context} failed; its own messages are on standard error")
                : NotConfigured($"context {context} of the kubeconfig {path} can't be used ({e.GetType().Name})", "KubeConfig");
        }
    }

    private static Exception NotConfigured(string what, string settings) =>
        Failures.Of(ErrorTypes.PermissionDenied, System, what, $"Set {KubernetesOptions.Section}:{settings}.");

    /// <summary>Providers of kubeconfigs don't expect to be asked from several threads: each would run the plugin.</summary>
    private sealed class OneAtATime(ITokenProvider provider) : ITokenProvider
    {
        private readonly SemaphoreSlim gate = new(1, 1);

        public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
        {
            await gate.WaitAsync(cancellationToken);
            try
            {
                return await provider.GetAuthenticationHeaderAsync(cancellationToken);
            }
            finally
            {
                gate.Release();
            }
        }
    }
}
