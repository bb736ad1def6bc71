using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Onramp.Testing;

namespace Onramp.Conformance.Tests;

/// <summary>
/// The scenarios that the official TypeScript SDK drives, and a real server's transcripts of them. They live beside the repository (or where
/// <c>ONRAMP_CONFORMANCE</c> says): a folder with <c>conformance/</c> and <c>goldens/</c>.
/// </summary>
internal static class Suite
{
    private static readonly string ProjectDirectory = typeof(Suite).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ProjectDirectory").Value!;

    public static string Root { get; } = Path.GetFullPath(
        Environment.GetEnvironmentVariable("ONRAMP_CONFORMANCE") is { Length: > 0 } given ? given : Path.Combine(ProjectDirectory, "../../../shared"));

    public static string Source => Path.Combine(Root, "conformance");

    public static string Goldens => Path.Combine(Root, "goldens");

    public static bool IsThere => HasFiles && Programs.AreThere("node", "npm");

    public static string WhatIsMissing => HasFiles
        ? "Node.js and npm, which drive the scenarios, are not on this machine"
        : $"the conformance suite is not at {Root}; set ONRAMP_CONFORMANCE to the folder with conformance/ and goldens/";

    private static bool HasFiles => Directory.Exists(Source) && Directory.Exists(Goldens);

    /// <summary>Every recorded scenario, as <c>area/name</c>.</summary>
    public static IReadOnlyList<string> Scenarios { get; } = IsThere ? List() : [];

    /// <summary>Scenarios that the server can't match yet, with what they need. Where there is no such file, there are none.</summary>
    public static IReadOnlyDictionary<string, string> NotYet { get; } = Read("not-yet.txt");

    /// <summary>Scenarios that the server does not mean to match, with what they need: it declares not to have it.</summary>
    public static IReadOnlyDictionary<string, string> Refused { get; } = Read("refused.txt");

    /// <summary>Of refused scenarios that are run all the same: the differences that they may show, and no others.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Regex>> Declared { get; } = ReadDeclared();

    /// <summary>Scenarios that have to match.</summary>
    public static IReadOnlyList<string> Expected { get; } = [.. Scenarios.Where(s => !NotYet.ContainsKey(s) && !Refused.ContainsKey(s))];

    /// <summary>Copies the suite to a folder of ours (its own may be read-only) and installs its packages, once for each lock file.</summary>
    public static async Task<string> InstallAsync()
    {
        var digest = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Source, "package-lock.json"))))[..12];
        var copy = Path.Combine(ProjectDirectory, "obj", $"suite-{digest}");
        Copy(Source, copy);
        if (!File.Exists(Path.Combine(copy, "node_modules", ".package-lock.json")))
        {
            var (exit, output) = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], copy);
            exit.ShouldBe(0, output);
        }

        return copy;
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, string directory)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>One <c>area/name  # reason</c> a line; a file that isn't there has none.</summary>
    private static Dictionary<string, string> Read(string file) => LinesOf(file)
        .Select(line => line.Split('#', 2, StringSplitOptions.TrimEntries))
        .Where(parts => parts[0].Length > 0)
        .ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? string.Empty, StringComparer.Ordinal);

    /// <summary>A scenario's name, and indented below it what may differ; an asterisk stands for anything.</summary>
    private static Dictionary<string, IReadOnlyList<Regex>> ReadDeclared()
    {
        var declared = new Dictionary<string, IReadOnlyList<Regex>>(StringComparer.Ordinal);
        List<Regex> differences = [];
        foreach (var line in LinesOf("declared.txt").Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == ' ')
            {
                var pattern = Regex.Escape(line.Trim()).Replace("\\*", ".*", StringComparison.Ordinal);
                differences.Add(new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));
            }
            else
            {
                declared.Add(line.Trim(), differences = []);
            }
        }

        return declared;
    }

    private static IEnumerable<string> LinesOf(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, file);
        return File.Exists(path) ? File.ReadLines(path) : [];
    }

    private static List<string> List() =>
    [
        .. Directory.EnumerateDirectories(Goldens)
            .Where(area => Path.GetFileName(area) != "histories")
            .SelectMany(area => Directory.EnumerateFiles(area, "*.json").Select(file => $"{Path.GetFileName(area)}/{Path.GetFileNameWithoutExtension(file)}"))
            .Order(StringComparer.Ordinal),
    ];

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => !f.Contains("node_modules", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }
}
