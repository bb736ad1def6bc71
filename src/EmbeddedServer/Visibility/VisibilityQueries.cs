namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Helps to write queries from values that came from outside.</summary>
public static class VisibilityQueries
{
    /// <summary>The text as a value of a query.</summary>
    public static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The time as a value of a query.</summary>
    public static string Quote(DateTimeOffset time) =>
        $"'{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture)}'";
}
