using System.Security.Cryptography;
using System.Text;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Http;

/// <summary>
/// Where a list goes on: Temporal's own token under a digest of it and of the list's filter. What Temporal says to a token that it never gave, or gave for another list,
/// differs between its versions, and some answers are tried again for seconds; here it is refused at once.
/// </summary>
internal static class PageTokens
{
    public static readonly FieldError NotIssued = new("query.pageToken", "issued", "pageToken must be one that this API gave out for a list with the same filters");

    private const int DigestBytes = 8;

    /// <param name="token">Temporal's; null or empty: the list ends here.</param>
    /// <param name="filter">The list's query.</param>
    public static string? Issue(byte[]? token, string filter) =>
        token is { Length: > 0 } ? Convert.ToBase64String([.. Digest(token, filter), .. token]) : null;

    /// <returns>Temporal's token; null for the first page.</returns>
    /// <exception cref="ProblemException">400: it isn't one that was issued for this filter.</exception>
    public static byte[]? Open(string? issued, string filter)
    {
        if (string.IsNullOrEmpty(issued))
            return null;
        var bytes = new byte[issued.Length];
        return Convert.TryFromBase64String(issued, bytes, out var length) && length > DigestBytes
            && bytes[DigestBytes..length] is var token && Digest(token, filter).AsSpan().SequenceEqual(bytes.AsSpan(0, DigestBytes))
            ? token
            : throw new ProblemException(Problems.Invalid(NotIssued));
    }

    private static byte[] Digest(byte[] token, string filter) => SHA256.HashData([.. Encoding.UTF8.GetBytes($"{filter}\n"), .. token])[..DigestBytes];
}
