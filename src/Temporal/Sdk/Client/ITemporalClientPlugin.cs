namespace Temporalio.Client;

/// <summary>Configures clients and takes part in connecting.</summary>
public interface ITemporalClientPlugin
{
    /// <summary>Name.</summary>
    string Name { get; }

    /// <summary>Changes the options of a client before it is made.</summary>
    /// <param name="options">A copy that may be changed.</param>
    void ConfigureClient(TemporalClientOptions options);

    /// <summary>Connects, by calling the continuation.</summary>
    /// <param name="options">Options.</param>
    /// <param name="continuation">The next plugin, or the connecting itself.</param>
    Task<TemporalConnection> ConnectAsync(
        TemporalClientConnectOptions options, Func<TemporalClientConnectOptions, Task<TemporalConnection>> continuation);
}
