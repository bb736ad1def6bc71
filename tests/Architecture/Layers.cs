namespace Onramp.Architecture.Tests;

/// <summary>
/// The folders of the embedded server, lowest first. Each may know those below it and none above, so that there are no circles. What lies in the
/// room itself puts all of them together, save the vocabulary that everybody speaks.
/// </summary>
internal static class Layers
{
    public const string Room = "Onramp.EmbeddedServer";

    /// <summary>What every folder may know of the room itself.</summary>
    public static readonly string[] Vocabulary = ["GoDuration", "GoNumber", "GoProtobuf", "MaskedRefusal", "NamespaceRef", "RefusalException", "RefusalKind"];

    public static IReadOnlyList<string> LowestFirst { get; } =
    [
        "Storage", "Visibility", "Matching", "Timers", "History", "Schedules", "Engine", "Batches", "Access", "Frontend", "Transport", "TestService",
    ];

    /// <summary>What only those may know who listen for calls: where and how is an option of the server.</summary>
    private const string Options = "TemporalServerOptions";

    /// <summary>The folders that speak gRPC.</summary>
    public static readonly string[] OnTheWire = ["Transport", "TestService"];

    /// <summary>Whether a folder may know a type by its namespace and name.</summary>
    public static bool MayKnow(string folder, string? itsNamespace, string name)
    {
        if (itsNamespace == Room)
        {
            return Vocabulary.Contains(name, StringComparer.Ordinal) || (folder == "Transport" && name == Options);
        }

        return itsNamespace?.StartsWith(Room + ".", StringComparison.Ordinal) != true || Place(itsNamespace.Split('.')[2]) <= Place(folder);
    }

    private static int Place(string folder) => LowestFirst.ToList().IndexOf(folder);
}
