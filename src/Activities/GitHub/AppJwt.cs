using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Octokit;
using Onramp.Activities.Http;

namespace Onramp.Activities.GitHub;

/// <summary>
/// What a GitHub App shows to be itself: a JWT signed with its key, good for some minutes. It is dated a minute back, since GitHub refuses one
/// from a clock that runs ahead.
/// </summary>
internal sealed class AppJwt(GitHubOptions options, TimeProvider time) : ICredentialStore
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(9);

    public Task<Credentials> GetCredentials() => Task.FromResult(new Credentials(Create(), AuthenticationType.Bearer));

    private string Create()
    {
        var now = time.GetUtcNow();
        var header = Part(new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT" });
        var claims = Part(new JsonObject
        {
            ["iat"] = (now - ClockSkew).ToUnixTimeSeconds(),
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
            ["iss"] = options.AppId,
        });
        using var key = RSA.Create();
        key.ImportFromPem(TrustedHttp.ReadPem(options.AppPrivateKey, options.AppPrivateKeyFile));
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
