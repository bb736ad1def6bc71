using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Onramp.EmbeddedServer.Access;

namespace Onramp.EmbeddedServer.Tests.Access;

public sealed class TokenTests : IDisposable
{
    private const string Issuer = "https://issuer.example.com";
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly RSA rsa = RSA.Create(2048);
    private readonly string keys = Path.Combine(Directory.CreateTempSubdirectory("onramp-jwks-").FullName, "keys.json");

    public TokenTests() => WriteKeys("first", rsa);

    [Fact]
    public async Task A_good_token_grants_what_it_lists()
    {
        using var reader = Reader();

        var grants = await reader.ReadAsync(Token(), CancellationToken.None);

        (grants!.In("orders"), grants.In("other")).ShouldBe((Role.Writer, Role.None));
    }

    [Fact]
    public async Task Permissions_that_mean_nothing_here_grant_nothing()
    {
        using var reader = Reader();

        var grants = await reader.ReadAsync(Token(permissions: ["orders:worker", "nonsense"]), CancellationToken.None);

        grants!.In("orders").ShouldBe(Role.None);
    }

    [Fact]
    public async Task A_token_that_has_ended_is_not_good() => (await ReadAsync(Token(expires: Now.AddMinutes(-2)))).ShouldBeNull();

    [Fact]
    public async Task A_token_of_another_issuer_is_not_good() => (await ReadAsync(Token(issuer: "https://other.example.com"))).ShouldBeNull();

    [Fact]
    public async Task A_token_for_others_is_not_good() => (await ReadAsync(Token(audience: "others"))).ShouldBeNull();

    [Fact]
    public async Task What_is_no_token_is_not_good() => (await ReadAsync("not.a.token")).ShouldBeNull();

    [Fact]
    public async Task A_token_that_nobody_signed_is_not_good() => (await ReadAsync(new JsonWebTokenHandler().CreateToken(Description(null)))).ShouldBeNull();

    [Fact]
    public async Task A_token_that_somebody_else_signed_is_not_good()
    {
        using var other = RSA.Create(2048);

        (await ReadAsync(Token(signer: other))).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_signed_with_the_public_key_as_a_secret_is_not_good()
    {
        var secret = new SymmetricSecurityKey(rsa.ExportSubjectPublicKeyInfo()) { KeyId = "first" };

        (await ReadAsync(new JsonWebTokenHandler().CreateToken(Description(new SigningCredentials(secret, SecurityAlgorithms.HmacSha256))))).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_let_nobody_in()
    {
        File.Delete(keys);

        (await ReadAsync(Token())).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_are_read_again_when_a_token_names_one_that_is_not_there()
    {
        using var reader = Reader();
        await reader.ReadAsync(Token(), CancellationToken.None);
        using var next = RSA.Create(2048);
        WriteKeys("second", next);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        // Asking for the keys again happens beside the call that found one missing.
        Grants? grants = null;
        while (grants is null)
        {
            grants = await reader.ReadAsync(Token(signer: next, keyId: "second"), patience.Token);
            patience.Token.ThrowIfCancellationRequested();
        }

        grants.In("orders").ShouldBe(Role.Writer);
    }

    [Theory]
    [InlineData("http://keys.example.com/jwks", false)]
    [InlineData("https://keys.example.com/jwks", true)]
    [InlineData("http://127.0.0.1:9/jwks", true)]
    [InlineData("ftp://keys.example.com/jwks", false)]
    public async Task Keys_from_elsewhere_come_only_over_https(string source, bool isTaken)
    {
        var options = new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Tokens = new TokenTrust { Keys = new Uri(source) } };

        var refusal = await Record.ExceptionAsync(async () => await (await TemporalServer.StartAsync(options)).DisposeAsync());

        (refusal is null).ShouldBe(isTaken);
    }

    public void Dispose()
    {
        rsa.Dispose();
        Directory.Delete(Path.GetDirectoryName(keys)!, recursive: true);
    }

    private async Task<Grants?> ReadAsync(string token)
    {
        using var reader = Reader();
        return await reader.ReadAsync(token, CancellationToken.None);
    }

    private BearerTokens Reader() => new(
        new TokenTrust { Keys = new Uri(keys), Issuer = Issuer, Audience = "temporal" }, new FakeTimeProvider(Now), NullLogger.Instance);

    private string Token(
        string issuer = Issuer, string audience = "temporal", DateTimeOffset? expires = null, string[]? permissions = null, RSA? signer = null, string keyId = "first") =>
        new JsonWebTokenHandler().CreateToken(Description(
            new SigningCredentials(new RsaSecurityKey(signer ?? rsa) { KeyId = keyId }, SecurityAlgorithms.RsaSha256), issuer, audience, expires, permissions));

    private static SecurityTokenDescriptor Description(
        SigningCredentials? credentials, string issuer = Issuer, string audience = "temporal", DateTimeOffset? expires = null, string[]? permissions = null) => new()
    {
        Issuer = issuer,
        Audience = audience,
        NotBefore = Now.AddHours(-1).UtcDateTime,
        IssuedAt = Now.AddHours(-1).UtcDateTime,
        Expires = (expires ?? Now.AddHours(1)).UtcDateTime,
        Claims = new Dictionary<string, object> { [TokenTrust.DefaultPermissionsClaim] = permissions ?? ["orders:write"] },
        SigningCredentials = credentials,
    };

    private void WriteKeys(string id, RSA key)
    {
        var web = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.ExportParameters(includePrivateParameters: false)) { KeyId = id });
        File.WriteAllText(keys, $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{web.Kid}}","n":"{{web.N}}","e":"{{web.E}}"}]}""");
    }
}
