using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>A client that a worker can work for.</summary>
public interface IWorkerClient
{
    /// <summary>Options of the client; not to be changed.</summary>
    TemporalClientOptions Options { get; }
}
