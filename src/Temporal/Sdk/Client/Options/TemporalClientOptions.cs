using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Enums.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>Options of a client.</summary>
public class TemporalClientOptions : ICloneable
{
    /// <summary>Namespace. Default: "default".</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Converter of values and failures. Default: <see cref="DataConverter.Default"/>.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Interceptors, the first outermost. Those that are worker interceptors too are used by workers of this client.</summary>
    public IReadOnlyCollection<IClientInterceptor>? Interceptors { get; set; }

    /// <summary>Plugins, configured in order.</summary>
    public IReadOnlyCollection<ITemporalClientPlugin>? Plugins { get; set; }

    /// <summary>Loggers for the client and its workers. Default: none.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Statuses in which queries are not put to workflows. Default: none.</summary>
    public QueryRejectCondition? QueryRejectCondition { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>Options of a connection and a client in one.</summary>
public class TemporalClientConnectOptions : TemporalConnectionOptions
{
    /// <summary>Everything at its default.</summary>
    public TemporalClientConnectOptions()
    {
    }

    /// <summary>With a target.</summary>
    /// <param name="targetHost"><c>host:port</c>.</param>
    public TemporalClientConnectOptions(string targetHost)
        : base(targetHost)
    {
    }

    /// <summary>Namespace. Default: "default".</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Converter of values and failures. Default: <see cref="DataConverter.Default"/>.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Interceptors, the first outermost.</summary>
    public IReadOnlyCollection<IClientInterceptor>? Interceptors { get; set; }

    /// <summary>Plugins, configured in order.</summary>
    public IReadOnlyCollection<ITemporalClientPlugin>? Plugins { get; set; }

    /// <summary>Loggers for the client and its workers. Default: none.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Statuses in which queries are not put to workflows. Default: none.</summary>
    public QueryRejectCondition? QueryRejectCondition { get; set; }

    /// <summary>The client's part of the options.</summary>
    public TemporalClientOptions ToClientOptions() => new()
    {
        Namespace = Namespace,
        DataConverter = DataConverter,
        Interceptors = Interceptors,
        Plugins = Plugins,
        LoggerFactory = LoggerFactory,
        QueryRejectCondition = QueryRejectCondition,
    };
}
