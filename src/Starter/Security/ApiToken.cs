using System.Security.Cryptography;
using System.Text;

namespace Onramp.Starter.Security;

/// <summary>
/// A bearer token and whom it stands for. Only the token's SHA-256 is kept: it is compared in constant time, and what is
/// logged or dumped by accident opens nothing.
/// </summary>
public sealed class ApiToken
{
    public const int MinTokenLength = 16;

    private readonly byte[] hash;

    private ApiToken(string caller, IReadOnlyList<string> groups, byte[] hash)
    {
        Caller = caller;
        Groups = groups;
        this.hash = hash;
    }

    /// <summary>Login of the caller: requester or approver of what is asked with this token.</summary>
    public string Caller { get; }

    /// <summary>Groups that the caller may approve for; <c>*</c> stands for every group.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <exception cref="FormatException">The token is too short to be one.</exception>
    public static ApiToken FromToken(string caller, IReadOnlyList<string> groups, string token)
    {
        if (token.Length < MinTokenLength)
            throw new FormatException($"The API token of '{caller}' must be at least {MinTokenLength} characters long.");
        return new ApiToken(caller, groups, SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    /// <exception cref="FormatException">Not 64 hex digits.</exception>
    public static ApiToken FromSha256(string caller, IReadOnlyList<string> groups, string hex)
    {
        if (hex.Length != 64)
            throw new FormatException($"The API token of '{caller}' must be given as 64 hex digits (SHA-256).");
        return new ApiToken(caller, groups, Convert.FromHexString(hex));
    }

    /// <summary>The token that <paramref name="presented"/> is, or null; takes the same time whichever it is.</summary>
    public static ApiToken? Find(IReadOnlyList<ApiToken> tokens, string presented)
    {
        var presentedHash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        ApiToken? found = null;
        foreach (var token in tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(token.hash, presentedHash))
                found ??= token;
        }
        return found;
    }
}
