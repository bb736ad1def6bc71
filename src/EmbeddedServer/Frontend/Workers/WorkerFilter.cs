using Onramp.EmbeddedServer.Visibility.Query;
using Temporalio.Api.Worker.V1;

namespace Onramp.EmbeddedServer.Frontend.Workers;

/// <summary>
/// A query over workers, in the language of lists of workflows. As in the reference, a name that no worker has and a value of
/// another type match nothing rather than fail.
/// </summary>
internal sealed class WorkerFilter
{
    private const string ListPrefix = "invalid query: malformed SQL query: ";

    private readonly QueryNode? condition;

    private WorkerFilter(QueryNode? condition) => this.condition = condition;

    /// <exception cref="RefusalException">INVALID_ARGUMENT: it can't be parsed.</exception>
    public static WorkerFilter Parse(string query)
    {
        try
        {
            return new WorkerFilter(QueryParser.Parse(query).Condition);
        }
        catch (QueryException e)
        {
            var reason = e.Message.StartsWith(ListPrefix, StringComparison.Ordinal) ? e.Message[ListPrefix.Length..] : e.Message;
            throw Refusals.InvalidArgument($"malformed query: {reason}");
        }
    }

    public bool Matches(WorkerHeartbeat worker) => condition is null || Matches(condition, worker);

    private static bool Matches(QueryNode node, WorkerHeartbeat worker) => node switch
    {
        AndNode and => and.Operands.All(operand => Matches(operand, worker)),
        OrNode or => or.Operands.Any(operand => Matches(operand, worker)),
        NotNode not => !Matches(not.Operand, worker),
        ComparisonNode { Left: NameOperand name } comparison => Find(name.Name, worker) is { } value && Compare(value, comparison),
        _ => false,
    };

    private static bool Compare(string value, ComparisonNode comparison)
    {
        var texts = comparison.Right.Select(operand => (operand as ValueOperand)?.Value as string).ToList();
        if (texts.Contains(null))
        {
            return false;
        }

        var order = texts.Count > 0 ? string.CompareOrdinal(value, texts[0]) : 0;
        return comparison.Operator switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            "<=" => order <= 0,
            "IN" => texts.Contains(value, StringComparer.Ordinal),
            "NOT IN" => !texts.Contains(value, StringComparer.Ordinal),
            "BETWEEN" => order >= 0 && string.CompareOrdinal(value, texts[1]) <= 0,
            "NOT BETWEEN" => order < 0 || string.CompareOrdinal(value, texts[1]) > 0,
            "STARTS_WITH" => value.StartsWith(texts[0]!, StringComparison.Ordinal),
            "NOT STARTS_WITH" => !value.StartsWith(texts[0]!, StringComparison.Ordinal),
            "IS NULL" => value.Length == 0,
            "IS NOT NULL" => value.Length > 0,
            _ => false,
        };
    }

    private static string? Find(string name, WorkerHeartbeat worker) => name switch
    {
        "WorkerInstanceKey" => worker.WorkerInstanceKey,
        "WorkerIdentity" => worker.WorkerIdentity,
        "HostName" => worker.HostInfo?.HostName ?? string.Empty,
        "TaskQueue" => worker.TaskQueue,
        "DeploymentName" => worker.DeploymentVersion?.DeploymentName ?? string.Empty,
        "BuildId" => worker.DeploymentVersion?.BuildId ?? string.Empty,
        "SdkName" => worker.SdkName,
        "SdkVersion" => worker.SdkVersion,
        "Status" => worker.Status.ToString(),
        "StartTime" => worker.StartTime?.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty,
        _ => null,
    };
}
