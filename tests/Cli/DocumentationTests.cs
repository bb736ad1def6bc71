using System.Text.RegularExpressions;
using Onramp.Cli.Commands;

namespace Onramp.Cli.Tests;

/// <summary>What the guides say can be typed can be typed, and what they link to is there.</summary>
public sealed partial class DocumentationTests
{
    public static TheoryData<string> Pages => [.. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md")).Select(f => Path.GetRelativePath(Repository.Root, f))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_onramp_command_in_a_snippet_parses(string page)
    {
        foreach (var line in Snippets(page))
        {
            var arguments = CommandPattern().Match(line) is { Success: true } match ? match.Groups["arguments"].Value.Split(" #")[0].Trim() : null;
            if (arguments is not null)
                OnrampCommand.Create().Parse(arguments.Replace('\'', '"')).Errors.Select(e => $"{line}: {e.Message}").ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_local_link_leads_somewhere(string page)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        foreach (Match link in LinkPattern().Matches(text))
        {
            var target = link.Groups["target"].Value;
            if (!target.StartsWith("http", StringComparison.Ordinal))
                File.Exists(Path.Combine(folder, target)).ShouldBeTrue($"{page} links to {target}");
        }
    }

    [Fact]
    public void The_readme_has_its_two_commands()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        readme.ShouldContain("dotnet run --project src/Cli -- try\n");
        readme.ShouldContain("\n./test.sh\n");
        File.Exists(Path.Combine(Repository.Root, "test.sh")).ShouldBeTrue();
    }

    private static IEnumerable<string> Snippets(string page)
    {
        var inside = false;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, page)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                inside = !inside && line == "```bash";
            else if (inside)
                yield return line;
        }
    }

    [GeneratedRegex(@"^(?:[A-Z_]+=\S+ )*(?:onramp|dotnet run --project src/Cli --) (?<arguments>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"\]\((?<target>[^)#]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex LinkPattern();
}
