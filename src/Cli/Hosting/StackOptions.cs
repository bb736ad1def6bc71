using System.Net;
using Onramp.Cli.Options;
using Onramp.Sandbox;
using Onramp.Starter;
using Onramp.Starter.Security;

namespace Onramp.Cli.Hosting;

/// <summary>What <c>try</c> and <c>up</c> start.</summary>
internal sealed record StackOptions
{
    /// <summary>Where the API listens.</summary>
    public required IPEndPoint Api { get; init; }

    /// <summary>Where the embedded server listens; unused when <c>TEMPORAL_ADDRESS</c> is set.</summary>
    public required IPEndPoint Temporal { get; init; }

    /// <summary>Where the embedded server serves Temporal's web UI; null: nowhere.</summary>
    public UiPlace? Ui { get; init; }

    /// <summary>Where people reach the web UI of a cluster; null: it isn't known. What <see cref="Ui"/> serves needs no such word.</summary>
    public Uri? TemporalUi { get; init; }

    /// <summary>Where the worker's health and metrics are.</summary>
    public IPEndPoint WorkerHealth { get; init; } = EndPoints.FreeLoopback;

    /// <summary>First of the sandbox's ports; 0: free ones.</summary>
    public int SandboxPort { get; init; }

    /// <summary>Folder of the data files; null: everything in memory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Whether the systems are stood in for. False: they are as the configuration says.</summary>
    public bool WithSandbox { get; init; } = true;

    /// <summary>JSON file with settings of the systems (section <c>Onramp</c>); null: none.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Settings that go over the sandbox's own and under those of file and environment.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ApiToken> Tokens { get; init; } = [];

    /// <summary>Changes the sandbox's options before it starts (tests make it quicker).</summary>
    public Action<SandboxOptions>? ConfigureSandbox { get; init; }

    /// <summary>Changes the API's options before it starts (tests make it more patient).</summary>
    public Action<StarterOptions>? ConfigureStarter { get; init; }
}
