using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>
/// What the orchestrator's own account may do: actions at scopes, as role definitions list them, and which roles it may give. What it lacks is
/// named in the refusal, with the scope.
/// </summary>
internal static partial class AzureRights
{
    private const string Join = "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action";

    private static readonly Dictionary<string, string> s_verbs = new(StringComparer.Ordinal)
    {
        ["GET"] = "read", ["HEAD"] = "read", ["PUT"] = "write", ["PATCH"] = "write", ["DELETE"] = "delete",
    };

    /// <summary>What Azure answers a caller that may not make this call; null when it may.</summary>
    public static Reply? Refuse(Call call, TokenClaims claims, IReadOnlyList<AzureRight> rights)
    {
        if (Action(call.Method, Route.Segments(call.RawPath)) is not var (action, scope))
        {
            return null;
        }

        var client = $"The client '{claims.ClientId}' with object id '{claims.ObjectId}'";
        if (!rights.Any(r => Covers(r.Scope, scope) && r.Actions.Any(a => Matches(a, action)) && MayGive(r, call, action)))
        {
            return AzureErrors.Reply(
                403,
                "AuthorizationFailed",
                $"{client} does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.");
        }

        return Subnets(call, action).FirstOrDefault(s => !rights.Any(r => Covers(r.Scope, s) && r.Actions.Any(a => Matches(a, Join)))) is { } subnet
            ? AzureErrors.Reply(
                403,
                "LinkedAuthorizationFailed",
                $"{client} has permission to perform action '{action}' on scope '{scope}'; however, it does not have permission to perform action '{Join}' on the linked scope(s) '{subnet}' or the linked scope(s) are invalid.")
            : null;
    }

    /// <summary>The subnets that a vault's rules name: joining them is a right of its own, on them.</summary>
    private static IEnumerable<string> Subnets(Call call, string action) => action.Equals("Microsoft.KeyVault/vaults/write", StringComparison.OrdinalIgnoreCase)
        ? (call.TryReadObject().Array("properties", "networkAcls", "virtualNetworkRules") ?? []).Select(r => r.Text("id")).OfType<string>()
        : [];

    /// <summary>Action and scope of a call; null for what anybody may who is logged in: lists of subscriptions, and the state of operations.</summary>
    private static (string Action, string Scope)? Action(string method, string[] path)
    {
        var at = Array.FindLastIndex(path, s => s.Equals("providers", StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            var scope = "/" + string.Join('/', path);
            return path switch
            {
                [_, _, _, _] => ($"Microsoft.Resources/subscriptions/resourceGroups/{s_verbs[method]}", scope),
                [_, _, _, _, "resources"] => ("Microsoft.Resources/subscriptions/resourceGroups/resources/read", scope[..scope.LastIndexOf('/')]),
                _ => null,
            };
        }

        var rest = path[(at + 1)..];
        if (rest.Length < 2 || rest.Any(r => r.StartsWith("operation", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        if (method == "POST")
        {
            var types = rest.Skip(1).Where((_, i) => i % 2 == 0);
            var scope = rest.Length == 2 ? string.Join('/', path[..at]) : string.Join('/', path[..^1]);
            return ($"{rest[0]}/{string.Join('/', types)}/action", "/" + scope);
        }

        var type = string.Join('/', rest.Skip(1).Where((_, i) => i % 2 == 0));
        var assigned = type.Equals("roleAssignments", StringComparison.OrdinalIgnoreCase) || type.Equals("locks", StringComparison.OrdinalIgnoreCase);
        return ($"{rest[0]}/{type}/{s_verbs[method]}", "/" + string.Join('/', assigned ? path[..at] : path));
    }

    private static bool Covers(string held, string scope) =>
        scope.Equals(held, StringComparison.OrdinalIgnoreCase) || scope.StartsWith(held.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase);

    private static bool Matches(string pattern, string action) =>
        Regex.IsMatch(action, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>A condition on giving roles holds the roles that may be given, and those whose assignments may be deleted.</summary>
    private static bool MayGive(AzureRight right, Call call, string action)
    {
        if (right.Condition is not { } condition || !action.StartsWith("Microsoft.Authorization/roleAssignments/", StringComparison.OrdinalIgnoreCase) || action.EndsWith("/read", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var source = action.EndsWith("/write", StringComparison.OrdinalIgnoreCase)
            ? call.TryReadObject()
            : call.Documents.Get("role-assignment", call.RawPath.ToLowerInvariant());
        return source is null
            || source.Text("properties", "roleDefinitionId") is not { } role
            || RoleId().Matches(condition).Any(m => m.Value.Equals(role.Split('/')[^1], StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex RoleId();
}
