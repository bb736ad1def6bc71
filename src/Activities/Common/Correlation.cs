using System.Security.Cryptography;
using System.Text;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Common;

/// <summary>
/// The step that the current call belongs to. It flows with the activity's async context, so that every request, including
/// those inside vendor libraries, carries the same key.
/// </summary>
internal static class Correlation
{
    /// <summary>Header that carries <see cref="StepKey.CorrelationId"/>.</summary>
    public const string Header = "X-Correlation-Id";

    /// <summary>Namespace of the GUIDs made from correlation ids, for systems that want a GUID.</summary>
    private static readonly Guid RequestIdNamespace = new("c2b1b0a4-6d0e-4f0b-9a57-6a1c1f1f7a10");

    private static readonly AsyncLocal<StepKey?> Key = new();

    public static StepKey? Current => Key.Value;

    public static void Begin(StepKey key) => Key.Value = key;

    /// <summary>The correlation id as a GUID: the same step, the same GUID.</summary>
    public static string RequestId(StepKey key) => DeterministicGuid.Create(RequestIdNamespace, key.CorrelationId).ToString("D");
}

/// <summary>Version 5 GUIDs (RFC 9562): the same name, the same GUID.</summary>
internal static class DeterministicGuid
{
    private const int Length = 16;

    public static Guid Create(Guid @namespace, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var input = new byte[Length + text.Length];
        @namespace.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input, Length);
#pragma warning disable CA5350 // The format asks for SHA-1; nothing here is protected by it.
        var hash = SHA1.HashData(input)[..Length];
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
