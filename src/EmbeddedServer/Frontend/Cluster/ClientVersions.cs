using System.Collections.Frozen;
using System.Globalization;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Frontend.Cluster;

/// <summary>Which releases of the official clients may call. Clients that we do not know may, whatever they say.</summary>
internal static class ClientVersions
{
    private const string NameHeader = "client-name";
    private const string VersionHeader = "client-version";
    private const string CommandLine = "temporal-cli";
    private const string WebUI = "temporal-ui";

    /// <summary>Client name to the range of its supported versions, as the cluster information tells it.</summary>
    public static readonly FrozenDictionary<string, string> Supported = FirstUnsupportedMajor
        .ToFrozenDictionary(c => c.Key, c => string.Create(CultureInfo.InvariantCulture, $"<{c.Value}.0.0"), StringComparer.Ordinal);

    private static FrozenDictionary<string, int> FirstUnsupportedMajor => new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [CommandLine] = 2,
        ["Nexus-go-sdk"] = 2,
        ["temporal-go"] = 2,
        ["temporal-java"] = 2,
        ["temporal-php"] = 2,
        ["temporal-server"] = 2,
        ["temporal-typescript"] = 2,
        [WebUI] = 3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, int> Limits = FirstUnsupportedMajor;

    /// <summary>Whether people look at the answer, who want what is there; programs that replay histories also want what is about to be.</summary>
    public static bool IsForPeople(CallContext context) => context.Header(NameHeader) is CommandLine or WebUI;

    /// <exception cref="RefusalException">INVALID_ARGUMENT for a version that is none, FAILED_PRECONDITION for one that is too new.</exception>
    public static void Check(CallContext context)
    {
        if (context.Header(NameHeader) is not { } name || !Limits.TryGetValue(name, out var limit)
            || context.Header(VersionHeader) is not { Length: > 0 } version)
        {
            return;
        }

        if (Major(version) >= limit)
        {
            throw new RefusalException(
                RefusalKind.FailedPrecondition,
                $"Client version {version} is not supported. Server supports {name} versions: {Supported[name]}",
                new ClientVersionNotSupportedFailure { ClientName = name, ClientVersion = version, SupportedVersions = Supported[name] });
        }
    }

    private static int Major(string version)
    {
        var parts = version.Split('.', 3);
        if (parts.Length != 3)
        {
            throw Fault("No Major.Minor.Patch elements found");
        }

        CheckNumber(parts[1], "minor");
        CheckNumber(PatchOf(parts[2]), "patch");
        return CheckNumber(parts[0], "major");
    }

    private static string PatchOf(string rest)
    {
        var end = rest.AsSpan().IndexOfAny('-', '+');
        return end < 0 ? rest : rest[..end];
    }

    private static int CheckNumber(string text, string what)
    {
        var capitalized = char.ToUpperInvariant(what[0]) + what[1..];
        if (text.Length == 0 || !text.All(char.IsAsciiDigit))
        {
            throw Fault($"Invalid character(s) found in {what} number \"{text}\"");
        }

        return text.Length > 1 && text[0] == '0'
            ? throw Fault($"{capitalized} number must not contain leading zeroes \"{text}\"")
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
    }

    private static RefusalException Fault(string reason) => Refusals.InvalidArgument($"Unable to parse client version: {reason}");
}
