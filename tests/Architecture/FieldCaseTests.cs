using System.Text.RegularExpressions;

namespace Onramp.Architecture.Tests;

/// <summary>Every case from the field that the activities were built against has a test that is named by it.</summary>
public sealed partial class FieldCaseTests
{
    private static readonly Lazy<HashSet<string>> Named = new(() =>
        [.. Directory.EnumerateFiles(Path.Combine(House.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Name().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))]);

    public static TheoryData<string> Cases =>
    [
        "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F11", "F13", "F15", "F16", "F17", "F18", "F19", "F20", "F21", "F22", "F22b", "F23", "F24", "F25",
        "P01", "P02", "P03", "P04", "P05", "P06",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_a_test(string id) => Named.Value.ShouldContain(id);

    [GeneratedRegex(@"(?:Task|void) ([FP]\d\d[a-z]?)_", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
