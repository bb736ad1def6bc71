using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Planning;

/// <summary>
/// SHA-256 over a plan in canonical form. The form is written out line by line, not serialized, so that a new member of a
/// record does not silently change the digest of runs that wait for approval.
/// </summary>
public static class PlanDigest
{
    private const string Version = "onramp-plan/1";

    public static string Compute(ServiceRequest request, IReadOnlyList<PlannedResource> resources, CostEstimate cost)
    {
        var form = new StringBuilder();
        Line(form, Version);
        Line(form, "service", request.Name, request.Team, request.Environment, request.Requester, request.Plan, request.NetworkPolicy,
            request.Tier, request.CostCenter, request.EntraGroupId);
        foreach (var r in resources)
            Line(form, "resource", r.Step, r.System, r.Kind, r.Name, r.Detail);
        foreach (var l in cost.Lines)
            Line(form, "cost", l.Item, l.Monthly.ToString("0.00", CultureInfo.InvariantCulture), cost.Currency);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form.ToString())));
    }

    /// <summary>Each part is preceded by its length, so no two lists of parts share a form.</summary>
    private static void Line(StringBuilder form, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
            form.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part} ");
        form.Append('\n');
    }
}
