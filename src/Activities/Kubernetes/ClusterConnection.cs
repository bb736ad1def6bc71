using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using Onramp.Activities.Common;

namespace Onramp.Activities.Kubernetes;

/// <summary>What a call came to: a value, or a refusal.</summary>
internal readonly record struct ClusterAnswer<T>(T? Value, ClusterRefusal? Refusal)
{
    /// <summary>The value; a refusal is thrown as what it means.</summary>
    public T Required => Refusal is null ? Value! : throw Refusal.ToFailure();
}

/// <summary>
/// The one way through which every call to the cluster goes. The official client is made at the first call and again, once a call, when
/// the cluster answers 401: that reads files and runs plugins anew. Nothing is retried beyond that; Temporal retries. Whatever the
/// client throws ends here, since its exceptions carry requests with their credentials.
/// </summary>
internal sealed class ClusterConnection(Func<IKubernetes> connect, TimeProvider time) : IDisposable
{
    private const string System = "Kubernetes";
    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile IKubernetes? current;

    public static ClusterConnection Create(KubernetesOptions options, TimeProvider time) =>
        new(() => new k8s.Kubernetes(ClusterConfiguration.Load(options), new ClusterHandler()), time);

    /// <param name="what">What is done, for people.</param>
    /// <param name="confidential">The call carries a secret, which the cluster's message may quote: only its status is told.</param>
    public async Task<ClusterAnswer<T>> AskAsync<T>(
        string what, Func<IKubernetes, CancellationToken, Task<T>> call, CancellationToken cancellationToken, bool confidential = false)
    {
        var client = await ConnectAsync(null, cancellationToken);
        var answer = await OnceAsync(what, client, call, confidential, cancellationToken);
        return answer.Refusal?.Status == 401
            ? await OnceAsync(what, await ConnectAsync(client, cancellationToken), call, confidential, cancellationToken)
            : answer;
    }

    public void Dispose()
    {
        current?.Dispose();
        gate.Dispose();
    }

    /// <summary>The client; another one than <paramref name="refused"/>, which is left to calls that are under way with it.</summary>
    private async Task<IKubernetes> ConnectAsync(IKubernetes? refused, CancellationToken cancellationToken)
    {
        if (current is { } now && now != refused)
            return now;
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (current is null || current == refused)
                current = await Task.Run(connect, cancellationToken);
            return current;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<ClusterAnswer<T>> OnceAsync<T>(
        string what, IKubernetes client, Func<IKubernetes, CancellationToken, Task<T>> call, bool confidential, CancellationToken cancellationToken)
    {
        try
        {
            return new ClusterAnswer<T>(await call(client, cancellationToken), null);
        }
        catch (HttpOperationException e)
        {
            return new ClusterAnswer<T>(default, ClusterRefusal.Of(e, what, time.GetUtcNow(), confidential));
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What came of the request is unknown; the next attempt looks before it writes.
            throw Failures.Transient(System, $"{what}: no answer ({Reason(e)})");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            throw Failures.Transient(System, $"{what}: the answer is not what the cluster's API says ({e.GetType().Name})");
        }
        catch (Exception e) when (e is KubeConfigException or KubernetesClientException or AggregateException)
        {
            throw Failures.Transient(System, $"{what}: no credential could be had ({e.GetBaseException().GetType().Name})");
        }
    }

    private static string Reason(Exception e) => e switch
    {
        HttpRequestException { InnerException: AuthenticationException or SocketException } => $"{e.Message}: {e.InnerException.Message}",
        OperationCanceledException => "timed out",
        _ => e.Message,
    };
}
