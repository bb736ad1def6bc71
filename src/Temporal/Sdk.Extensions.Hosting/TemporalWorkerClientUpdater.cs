using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Replaces the client of running workers, for example when credentials have changed.</summary>
public class TemporalWorkerClientUpdater
{
    private readonly Lock gate = new();
    private event Action<IWorkerClient>? ClientUpdated;

    /// <summary>Replaces the client of every worker that uses this updater.</summary>
    /// <param name="client">The new client.</param>
    public void UpdateClient(IWorkerClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        Action<IWorkerClient>? handlers;
        lock (gate)
        {
            handlers = ClientUpdated;
        }

        handlers?.Invoke(client);
    }

    internal void Subscribe(Action<IWorkerClient> handler)
    {
        lock (gate)
        {
            ClientUpdated += handler;
        }
    }

    internal void Unsubscribe(Action<IWorkerClient> handler)
    {
        lock (gate)
        {
            ClientUpdated -= handler;
        }
    }
}
