namespace Temporalio.Client;

/// <summary>A connection to a server, shared by clients and workers.</summary>
public interface ITemporalConnection
{
    /// <summary>Headers of every call; may be replaced at any time.</summary>
    IReadOnlyCollection<KeyValuePair<string, string>> RpcMetadata { get; set; }

    /// <summary>Binary headers of every call; may be replaced at any time.</summary>
    IReadOnlyCollection<KeyValuePair<string, byte[]>> RpcBinaryMetadata { get; set; }

    /// <summary>API key; may be replaced at any time.</summary>
    string? ApiKey { get; set; }

    /// <summary>Raw calls to the workflow service.</summary>
    WorkflowService WorkflowService { get; }

    /// <summary>Raw calls to the operator service.</summary>
    OperatorService OperatorService { get; }

    /// <summary>Raw calls to the test service, which only test servers have.</summary>
    TestService TestService { get; }

    /// <summary>Options it was made with; not to be changed.</summary>
    TemporalConnectionOptions Options { get; }

    /// <summary>Whether the server has answered once.</summary>
    bool IsConnected { get; }

    /// <summary>Asks for the health of a service.</summary>
    /// <param name="service">Service. Default: the workflow service.</param>
    /// <param name="options">Options.</param>
    /// <returns>Whether it is serving.</returns>
    Task<bool> CheckHealthAsync(RpcService? service = null, RpcOptions? options = null);

    /// <summary>Connects now if it has not yet been.</summary>
    Task ConnectAsync();
}
