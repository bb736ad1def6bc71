using Temporalio.Client;
using Temporalio.Common;

namespace Temporalio.Testing;

/// <summary>Options of a local server for tests. The target is where it listens; default: a free port of the loopback address.</summary>
public class WorkflowEnvironmentStartLocalOptions : TemporalClientConnectOptions
{
    /// <summary>Options of the server.</summary>
    public DevServerOptions DevServerOptions { get; set; } = new();

    /// <summary>Search attributes that the namespace gets.</summary>
    public IReadOnlyCollection<SearchAttributeKey>? SearchAttributes { get; set; }

    /// <summary>A copy; the server's options are copied too.</summary>
    public override object Clone()
    {
        var copy = (WorkflowEnvironmentStartLocalOptions)base.Clone();
        copy.DevServerOptions = (DevServerOptions)DevServerOptions.Clone();
        return copy;
    }
}

/// <summary>Options of a local server.</summary>
public class DevServerOptions : ICloneable
{
    /// <summary>File that keeps everything. Default: null, which means memory only.</summary>
    public string? DatabaseFilename { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
