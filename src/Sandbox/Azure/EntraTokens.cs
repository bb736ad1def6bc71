using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Who a token is for and whom it names.</summary>
internal sealed record TokenClaims(string Audience, string ObjectId, string ClientId);

/// <summary>Access tokens that the login stand-in signs and the others check. The key is the data file's own; tokens aren't kept.</summary>
internal sealed class EntraTokens(DocumentStore store)
{
    private readonly byte[] _key = Key(store);

    public string Issue(string tenant, string audience, string objectId, string clientId, DateTimeOffset expires)
    {
        var header = Encode(new JsonObject { ["typ"] = "JWT", ["alg"] = "HS256" });
        var payload = Encode(new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{tenant}/",
            ["tid"] = tenant,
            ["oid"] = objectId,
            ["appid"] = clientId,
            ["exp"] = expires.ToUnixTimeSeconds(),
        });
        return $"{header}.{payload}.{Sign($"{header}.{payload}")}";
    }

    /// <summary>The claims, or null when the token isn't ours or has expired.</summary>
    public TokenClaims? Read(string token, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign($"{parts[0]}.{parts[1]}")), Encoding.ASCII.GetBytes(parts[2])))
        {
            return null;
        }

        var claims = Decode(parts[1]);
        return claims.Number("exp") > now.ToUnixTimeSeconds()
            ? new TokenClaims(claims.Text("aud")!, claims.Text("oid")!, claims.Text("appid")!)
            : null;
    }

    /// <summary>A part of a JWT, unchecked; null when it isn't JSON.</summary>
    public static JsonObject? Decode(string part)
    {
        try
        {
            return JsonNode.Parse(Convert.FromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '='))) as JsonObject;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string Encode(JsonObject part) => Url(Encoding.UTF8.GetBytes(part.ToJsonString(Json.Compact)));

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Key(DocumentStore store)
    {
        lock (store.Gate)
        {
            if (store.Get(DocumentStore.Own, "setting", "token-key").Text("value") is not { } kept)
            {
                kept = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
                store.Put(DocumentStore.Own, "setting", "token-key", new JsonObject { ["value"] = kept });
            }

            return Convert.FromBase64String(kept);
        }
    }

    private string Sign(string text) => Url(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text)));
}
