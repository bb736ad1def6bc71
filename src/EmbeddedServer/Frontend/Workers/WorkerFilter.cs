using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Visibility.Query;
using Temporalio.Api.Worker.V1;

namespace Onramp.EmbeddedServer.Frontend.Workers;

/// <summary>
/// A query over workers, in the language of lists of workflows, of which it has a part. As in the reference, what is asked beyond that (a name that no worker has,
/// a value of another type, a comparison that isn't there) matches nothing rather than fails.
/// </summary>
internal sealed class WorkerFilter
{
    private const int ClauseLetters = 8;
    private static readonly string[] Clauses = ["group by", "order by"];

    private const string ListPrefix = "invalid query: malformed SQL query: ";

    private readonly QueryNode? condition;

    private WorkerFilter(QueryNode? condition) => this.condition = condition;

    /// <exception cref="RefusalException">INVALID_ARGUMENT: it can't be parsed.</exception>
    public static WorkerFilter Parse(string query)
    {
        // Lists of workflows may begin with a clause; here a condition has to come before.
        if (query.Trim() is { Length: > ClauseLetters } text && Clauses.Contains(text[..ClauseLetters], StringComparer.OrdinalIgnoreCase))
        {
            var word = text.Split(' ')[0].ToLowerInvariant();
            throw Refusals.InvalidArgument($"malformed query: syntax error at position {QueryTokenizer.ConditionOffset + word.Length + 1} near '{word}'");
        }

        try
        {
            var parsed = QueryParser.Parse(query);
            return parsed.HasLimit ? throw Refusals.InvalidArgument("operation is not supported: 'limit' clause") : new WorkerFilter(parsed.Condition);
        }
        catch (QueryException e)
        {
            var reason = e.Message.StartsWith(ListPrefix, StringComparison.Ordinal) ? e.Message[ListPrefix.Length..] : e.Message;
            throw Refusals.InvalidArgument($"malformed query: {reason}");
        }
    }

    public bool Matches(WorkerHeartbeat worker) => condition is null || Evaluate(condition, worker) == true;

    /// <summary>Null where the question is none.</summary>
    private static bool? Evaluate(QueryNode node, WorkerHeartbeat worker)
    {
        switch (node)
        {
            case AndNode and:
                return InTurn(and.Operands, worker, until: false);
            case OrNode or:
                return InTurn(or.Operands, worker, until: true);
            case ParenNode paren:
                return Evaluate(paren.Inner, worker);
            case ComparisonNode { Left: NameNode name } comparison:
                var values = comparison.Right.Select(operand => (operand as ValueNode)?.Value).ToList();
                return IsTime(name.Name, worker, out var time) ? CompareTime(time, comparison.Operator, values)
                    : TextOf(name.Name, worker) is { } text && values.TrueForAll(value => value is string) ? CompareText(text, comparison.Operator, values.ConvertAll(value => (string)value!))
                    : null;
            default:
                return null;
        }
    }

    /// <summary>What comes after the operand that settles it is not looked at; before it, everything has to be a question.</summary>
    private static bool? InTurn(IEnumerable<QueryNode> operands, WorkerHeartbeat worker, bool until)
    {
        foreach (var operand in operands)
        {
            if (Evaluate(operand, worker) is var result && result != !until)
            {
                return result;
            }
        }

        return !until;
    }

    private static bool? CompareText(string text, string comparison, List<string> values) => (comparison, values.FirstOrDefault()) switch
    {
        ("IS NULL", _) => text.Length == 0,
        ("IS NOT NULL", _) => text.Length > 0,
        (_, null or "") => null,
        ("=", var value) => text == value,
        ("!=", var value) => text != value,
        ("STARTS_WITH", var value) => text.StartsWith(value, StringComparison.Ordinal),
        ("NOT STARTS_WITH", var value) => !text.StartsWith(value, StringComparison.Ordinal),
        _ => null,
    };

    private static bool? CompareTime(Timestamp? time, string comparison, List<object?> values)
    {
        if (comparison is "IS NULL" or "IS NOT NULL")
        {
            return time is null == (comparison == "IS NULL");
        }

        var bounds = values.Select(TimeOf).ToList();
        if (bounds.Count == 0 || bounds.Contains(null))
        {
            return null;
        }

        if (comparison is "BETWEEN" or "NOT BETWEEN")
        {
            return time is not null && (time >= bounds[0] && time <= bounds[1]) == (comparison == "BETWEEN");
        }

        var order = (time ?? new Timestamp()).CompareTo(bounds[0]);
        return comparison switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            "<=" => order <= 0,
            _ => null,
        };
    }

    /// <summary>A time as a text, or in nanoseconds since 1970.</summary>
    private static Timestamp? TimeOf(object? value) => value switch
    {
        long nanoseconds => Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick)),
        string text when text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => Timestamp.FromDateTimeOffset(time),
        _ => null,
    };

    private static bool IsTime(string name, WorkerHeartbeat worker, out Timestamp? time)
    {
        time = name == "StartTime" ? worker.StartTime : worker.HeartbeatTime;
        return name is "StartTime" or "HeartbeatTime";
    }

    private static string? TextOf(string name, WorkerHeartbeat worker) => name switch
    {
        "WorkerInstanceKey" => worker.WorkerInstanceKey,
        "WorkerIdentity" => worker.WorkerIdentity,
        "HostName" => worker.HostInfo?.HostName ?? "",
        "TaskQueue" => worker.TaskQueue,
        "DeploymentName" => worker.DeploymentVersion?.DeploymentName ?? "",
        "BuildId" => worker.DeploymentVersion?.BuildId ?? "",
        "SdkName" => worker.SdkName,
        "SdkVersion" => worker.SdkVersion,

        // The short one is a word of the query's own language, which knows no case.
        "WorkerStatus" or "status" => worker.Status.ToString(),
        _ => null,
    };
}
