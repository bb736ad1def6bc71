using System.Runtime.CompilerServices;

namespace Onramp.Starter.Tests;

/// <summary>
/// The API's description is a file under review: what callers build on changes only where a reviewer has seen it change. When it
/// is meant to change, renew it with <c>ONRAMP_RENEW_OPENAPI=1 dotnet test tests/Starter --filter OpenApiTests</c> and commit it.
/// </summary>
public sealed class OpenApiTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    private const string RenewVariable = "ONRAMP_RENEW_OPENAPI";

    [Fact]
    public async Task The_description_served_is_the_one_under_review()
    {
        var served = await fixture.Http.GetStringAsync(ApiPaths.OpenApi);
        if (Environment.GetEnvironmentVariable(RenewVariable) == "1")
            await File.WriteAllTextAsync(ReviewedFile(), served);

        var reviewed = await File.ReadAllTextAsync(ReviewedFile());

        Difference(reviewed.ReplaceLineEndings("\n"), served.ReplaceLineEndings("\n")).ShouldBeNull(
            $"If the change is meant: {RenewVariable}=1 dotnet test tests/Starter --filter {nameof(OpenApiTests)}, then review and commit docs/openapi.json.");
    }

    /// <summary>The first line that differs, or null.</summary>
    private static string? Difference(string reviewed, string served)
    {
        var left = reviewed.Split('\n');
        var right = served.Split('\n');
        var line = Enumerable.Range(0, Math.Max(left.Length, right.Length)).FirstOrDefault(i => left.ElementAtOrDefault(i) != right.ElementAtOrDefault(i), -1);
        return line < 0 ? null : $"line {line + 1}: under review '{left.ElementAtOrDefault(line)}', served '{right.ElementAtOrDefault(line)}'";
    }

    private static string ReviewedFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "openapi.json");
}
