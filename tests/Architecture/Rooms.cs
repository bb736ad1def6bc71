namespace Onramp.Architecture.Tests;

/// <summary>One room of the house.</summary>
/// <param name="Folder">Under <c>src</c>; its project has the same name.</param>
/// <param name="Assembly">What it is built into.</param>
/// <param name="Knows">Other rooms that it may know, by folder.</param>
/// <param name="Packages">Assemblies beyond the framework that it may know; a name that ends with a dot stands for all that begin so.</param>
/// <param name="OnWeb">Whether it may know ASP.NET's part of the framework, too.</param>
internal sealed record Room(string Folder, string Assembly, string[] Knows, string[] Packages, bool OnWeb = true);

/// <summary>Who may know whom, as agreed. What isn't in a room's row it may not know.</summary>
internal static class Rooms
{
    private const string Sdk = "Temporalio";

    /// <summary>What the SDK's messages are made of.</summary>
    private const string Messages = "Google.Protobuf";

    public static IReadOnlyList<Room> All { get; } =
    [
        new("Workflows", "Onramp.Workflows", [], [Sdk, Messages], OnWeb: false),
        new("Activities", "Onramp.Activities", ["Workflows"], [Sdk, Messages, "Octokit", "KubernetesClient", "Azure.", "System.Memory.Data", "YamlDotNet"]),
        new("Worker", "Onramp.Worker", ["Workflows", "Activities"], [Sdk, "Temporalio.Extensions.Hosting", "OpenTelemetry", "OpenTelemetry."]),
        new("Starter", "Onramp.Starter", ["Workflows"], [Sdk, Messages, "Microsoft.AspNetCore.OpenApi", "Microsoft.OpenApi", "OpenTelemetry", "OpenTelemetry."]),
        new("EmbeddedServer", "Onramp.EmbeddedServer", [], [Sdk, Messages, "Google.Api.CommonProtos", "Grpc.", "Microsoft.IdentityModel.", "Microsoft.Data.Sqlite", "SQLitePCLRaw."]),
        new("Sandbox", "Onramp.Sandbox", [], ["Microsoft.Data.Sqlite", "SQLitePCLRaw.", "YamlDotNet"]),
        new(
            "Cli", "onramp", ["Workflows", "Activities", "Worker", "Starter", "EmbeddedServer", "Sandbox"],
            [Sdk, Messages, "Temporalio.Extensions.Hosting", "System.CommandLine", "Spectre.Console", "Spectre.Console.", "Serilog", "Serilog.", "OpenTelemetry", "OpenTelemetry."]),
    ];

    public static Room Of(string folder) => All.Single(room => room.Folder == folder);
}
