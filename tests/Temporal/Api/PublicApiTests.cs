using System.Reflection;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;
using Temporalio.Testing;
using Xunit.Abstractions;

namespace Temporalio.Tests.Surface;

/// <summary>The public API is a file under review, and nothing in it is of our own invention.</summary>
public class PublicApiTests(ITestOutputHelper output)
{
    private const string ApprovedFile = "Temporalio.approved.txt";

    private static readonly Assembly[] Assemblies =
        [typeof(TemporalClient).Assembly, typeof(TemporalWorkerService).Assembly, typeof(WorkflowEnvironment).Assembly];

    [Fact]
    public void It_is_what_was_approved()
    {
        var actual = PublicApi.Of(Assemblies);
        var approved = Read(ApprovedFile);
        var received = Path.Combine(AppContext.BaseDirectory, "Api", "Temporalio.received.txt");
        File.WriteAllLines(received, actual);

        var difference = approved.Except(actual).Select(l => "- " + l).Concat(actual.Except(approved).Select(l => "+ " + l)).ToList();

        difference.ShouldBeEmpty($"if that is meant: cp {received} tests/Temporal.Sdk/Api/{ApprovedFile}");
    }

    [Fact]
    public void Every_member_is_one_of_the_official_sdk()
    {
        var official = Read("Official.txt").ToHashSet();
        var actual = PublicApi.Of(Assemblies);

        output.WriteLine($"{actual.Count(official.Contains)} of {official.Count} official members");

        actual.Where(line => !official.Contains(line)).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Read(string name) =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Api", name)).Where(line => line.Length > 0 && line[0] != '#')];
}
