using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Onramp.Starter.Tests;

/// <summary>
/// The API's description is a file under review: what callers build on changes only where a reviewer has seen it change. When it
/// is meant to change, renew it with <c>ONRAMP_RENEW_OPENAPI=1 dotnet test tests/Starter --filter OpenApiTests</c> and commit it.
/// </summary>
public sealed class OpenApiTests(StarterFixture fixture) : IClassFixture<StarterFixture>
{
    private const string RenewVariable = "ONRAMP_RENEW_OPENAPI";

    private static readonly string[] Writes = ["post", "put", "patch"];

    public static TheoryData<string, string> Documents => new() { { ApiPaths.OpenApi, "openapi.json" }, { ApiPaths.PreviewOpenApi, "openapi-v2-preview.json" } };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task The_description_served_is_the_one_under_review(string path, string file)
    {
        var served = await fixture.Http.GetStringAsync(path);
        if (Environment.GetEnvironmentVariable(RenewVariable) == "1")
            await File.WriteAllTextAsync(Reviewed(file), served);

        var reviewed = await File.ReadAllTextAsync(Reviewed(file));

        Difference(reviewed.ReplaceLineEndings("\n"), served.ReplaceLineEndings("\n")).ShouldBeNull(
            $"If the change is meant: {RenewVariable}=1 dotnet test tests/Starter --filter {nameof(OpenApiTests)}, then review and commit docs/{file}.");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_operation_says_what_it_is_for_and_shows_what_it_takes_and_answers(string path, string file)
    {
        var document = JsonNode.Parse(await fixture.Http.GetStringAsync(path))!;

        var silent = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().SelectMany(o => Missing(o.Key, o.Value!).Select(m => $"{o.Key} {p.Key}: {m}")));

        silent.Where(s => !s.Contains("healthz", StringComparison.Ordinal)).ShouldBeEmpty(file);
    }

    /// <summary>What an operation's description lacks.</summary>
    private static IEnumerable<string> Missing(string method, JsonNode operation)
    {
        if (operation["summary"] is null)
            yield return "summary";
        foreach (var parameter in (operation["parameters"]?.AsArray() ?? []).Where(p => p!["description"] is null))
            yield return $"description of {parameter!["name"]}";
        if (Writes.Contains(method) && operation["requestBody"]?["content"]?["application/json"]?["examples"]?.AsObject().Count is null or 0 && operation["requestBody"] is not null)
            yield return "examples of the body";
        foreach (var (status, answer) in operation["responses"]!.AsObject())
        {
            var shown = answer!["content"]?.AsObject().All(c => c.Value!["example"] is not null || c.Value["examples"]?.AsObject().Count > 0) ?? false;
            if (!shown)
                yield return $"examples of {status}";
        }
        foreach (var expected in new[] { "401", "429", "503" }.Where(expected => operation["responses"]![expected] is null))
            yield return expected;
    }

    /// <summary>The first line that differs, or null.</summary>
    private static string? Difference(string reviewed, string served)
    {
        var left = reviewed.Split('\n');
        var right = served.Split('\n');
        var line = Enumerable.Range(0, Math.Max(left.Length, right.Length)).FirstOrDefault(i => left.ElementAtOrDefault(i) != right.ElementAtOrDefault(i), -1);
        return line < 0 ? null : $"line {line + 1}: under review '{left.ElementAtOrDefault(line)}', served '{right.ElementAtOrDefault(line)}'";
    }

    private static string Reviewed(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", file);
}
