using k8s;
using Onramp.Activities.Common;
using Onramp.Activities.Kubernetes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>The cluster as the activities see it, and every request that goes out to it.</summary>
internal sealed class ClusterProbe : IDisposable
{
    private readonly ClusterConnection connection;

    public ClusterProbe(SandboxHost sandbox, Action<KubernetesOptions>? configure = null)
    {
        Options = new KubernetesOptions
        {
            BaseUrl = sandbox.Kubernetes.ToString(),
            Token = sandbox.Options.Credentials.KubernetesToken,
            CaCertificate = sandbox.CertificateAuthorityPem,
        };
        configure?.Invoke(Options);
        connection = new ClusterConnection(
            () => new k8s.Kubernetes(ClusterConfiguration.Load(Options), new ClusterHandler(), new Recorder(Requests)), TimeProvider.System);
        Cluster = new Cluster(connection, TimeProvider.System);
        Correlation.Begin(Key);
    }

    public static StepKey Key { get; } = new() { WorkflowId = "orders", RunId = "run-1", Step = "probe" };

    public KubernetesOptions Options { get; }

    public Cluster Cluster { get; }

    /// <summary>Verb, path and correlation id of what was sent, in order.</summary>
    public List<(string Method, string Path, string? CorrelationId)> Requests { get; } = [];

    public void Dispose() => connection.Dispose();

    private sealed class Recorder(List<(string Method, string Path, string? CorrelationId)> requests) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (requests)
            {
                requests.Add((
                    request.Method.Method,
                    request.RequestUri!.AbsolutePath,
                    request.Headers.TryGetValues(Correlation.Header, out var values) ? values.Single() : null));
            }
            return base.SendAsync(request, cancellationToken);
        }
    }
}
