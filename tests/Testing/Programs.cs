namespace Onramp.Testing;

/// <summary>Programs of others that some tests need.</summary>
public static class Programs
{
    /// <summary>Where the program is on the PATH, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Whether all of them are on the PATH.</summary>
    public static bool AreThere(params string[] names) => names.All(name => Find(name) is not null);
}
