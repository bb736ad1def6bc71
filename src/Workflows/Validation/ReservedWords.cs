namespace Onramp.Workflows.Validation;

/// <summary>Names that are well formed and yet no names to a system that they are written to.</summary>
internal static class ReservedWords
{
    public const string YamlMessage = "must not be a word that YAML reads as a boolean or null (true, false, yes, no, on, off, y, n, null)";
    public const string AzureMessage = "must not hold 'microsoft' or 'windows', nor begin with 'login': Azure reserves them in names of resources";

    /// <summary>
    /// Unquoted, YAML 1.1 or 1.2 takes these for something else than text, whichever tool it is that reads a file later. A name begins with a
    /// letter and holds no dot, so it is never read as a number.
    /// </summary>
    private static readonly HashSet<string> YamlWords = new(StringComparer.OrdinalIgnoreCase) { "true", "false", "yes", "no", "on", "off", "y", "n", "null" };

    private static readonly string[] AzureAnywhere = ["microsoft", "windows"];
    private const string AzureAtStart = "login";

    public static bool IsYamlWord(string name) => YamlWords.Contains(name);

    /// <summary>Azure Resource Manager refuses them with <c>ReservedResourceName</c>, and the service's name is part of every resource's.</summary>
    public static bool IsAzureReserved(string name) =>
        AzureAnywhere.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) || name.StartsWith(AzureAtStart, StringComparison.OrdinalIgnoreCase);
}
