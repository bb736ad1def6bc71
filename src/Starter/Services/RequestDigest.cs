using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Services;

/// <summary>Tells whether two requests ask for the same: SHA-256 over the normal form, without the id that the caller gave it.</summary>
internal static class RequestDigest
{
    public static string Of(ServiceRequest normal) =>
        Hex(JsonSerializer.SerializeToUtf8Bytes(normal with { RequestId = "" }, ApiJson.Options));

    /// <summary>Callers' keys are their own: the same key of two callers is two keys, and the key itself is kept nowhere.</summary>
    public static string OfKey(string caller, string key) => Hex(Encoding.UTF8.GetBytes($"{caller.Length}:{caller}{key}"))[..40];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
