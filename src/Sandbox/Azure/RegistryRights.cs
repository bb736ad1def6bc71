using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>
/// What role assignments come to in a registry. In ABAC mode the classic roles count for nothing; without it those on repositories do. A
/// condition holds for the actions that it names.
/// </summary>
internal static partial class RegistryRights
{
    private const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
    private const string AcrPush = "8311e382-0749-4cb8-b61a-304f252e45ec";
    private const string Reader = "b93aa761-3e63-49ed-ac28-beffa264f7ac";
    private const string Writer = "2a1e307c-b015-4ebd-883e-5b7698a07328";

    public static bool Allows(Documents arm, JsonObject registry, string principal, string action, string repository, TimeSpan propagation)
    {
        var byRepository = registry.Text("properties", "roleAssignmentMode") == "AbacRepositoryPermissions";
        var roles = (byRepository, action) switch
        {
            (true, "push") => new[] { Writer },
            (true, _) => [Reader, Writer],
            (false, "push") => [AcrPush],
            _ => [AcrPull, AcrPush],
        };
        var key = registry.Text("id")!.ToLowerInvariant();
        return arm.List("role-assignment").Select(a => a.Body.Object("properties")!).Any(p =>
            p.Text("principalId")!.Equals(principal, StringComparison.OrdinalIgnoreCase)
            && key.StartsWith(p.Text("scope")!.ToLowerInvariant(), StringComparison.Ordinal)
            && roles.Contains(p.Text("roleDefinitionId")!.Split('/')[^1].ToLowerInvariant())
            && Json.ToTime(p.Text("createdOn")) + propagation <= arm.Now
            && (!byRepository || Holds(p.Text("condition"), action == "push" ? "content/write" : "content/read", repository)));
    }

    private static bool Holds(string? condition, string action, string repository) =>
        condition is null
        || !condition.Contains($"/{action}'}}", StringComparison.OrdinalIgnoreCase)
        || Starts().Matches(condition).Any(m => repository.StartsWith(m.Groups[1].Value, StringComparison.OrdinalIgnoreCase))
        || Is().Matches(condition).Any(m => repository.Equals(m.Groups[1].Value, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@":name\] StringStartsWithIgnoreCase '([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Starts();

    [GeneratedRegex(@":name\] StringEqualsIgnoreCase '([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Is();
}
