using System.Security.Cryptography;
using Onramp.Starter.Security;

namespace Onramp.Cli.Connections;

/// <summary>
/// The API's token file: one line a caller, <c>LOGIN GROUP,GROUP TOKEN</c>, where the token may also be <c>sha256:HEX</c> and
/// <c>*</c> stands for every group. Lines that begin with <c>#</c> are comments.
/// </summary>
internal static class ApiTokens
{
    private const int TokenBytes = 32;
    private const string HashPrefix = "sha256:";

    /// <exception cref="CliException">A line makes no sense; the message has its number, never its text.</exception>
    public static IReadOnlyList<ApiToken> Read(string file)
    {
        if (!File.Exists(file))
            throw new CliException($"the token file '{file}' does not exist (--create-token makes one).", ExitCodes.Usage);
        var tokens = new List<ApiToken>();
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            var text = line.Trim();
            if (text.Length > 0 && text[0] != '#')
                tokens.Add(Parse(file, number + 1, text));
        }
        return tokens.Count > 0 ? tokens : throw new CliException($"the token file '{file}' holds no token.", ExitCodes.Usage);
    }

    /// <summary>Makes the file, readable by its owner alone, with one new token that may do everything; does nothing when it is there.</summary>
    public static bool CreateIfMissing(string file)
    {
        if (File.Exists(file))
            return false;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } directory)
            Directory.CreateDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write($"# LOGIN GROUPS TOKEN\nadmin * {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes))}\n");
        return true;
    }

    /// <summary>The first usable token of a file, for commands that call the API on the same machine.</summary>
    public static string? FirstToken(string file) => File.ReadLines(file)
        .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(p => p.Length == 3 && p[0][0] != '#' && !p[2].StartsWith(HashPrefix, StringComparison.Ordinal))?[2];

    private static ApiToken Parse(string file, int number, string text)
    {
        if (text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var login, var groups, var token])
            throw new CliException($"line {number} of '{file}' must be LOGIN GROUP,GROUP TOKEN.", ExitCodes.Usage);
        try
        {
            var list = groups.Split(',', StringSplitOptions.RemoveEmptyEntries);
            return token.StartsWith(HashPrefix, StringComparison.Ordinal)
                ? ApiToken.FromSha256(login, list, token[HashPrefix.Length..])
                : ApiToken.FromToken(login, list, token);
        }
        catch (FormatException e)
        {
            throw new CliException($"line {number} of '{file}': {e.Message}", ExitCodes.Usage, e);
        }
    }
}
