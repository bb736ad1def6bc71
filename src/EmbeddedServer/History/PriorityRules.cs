using System.Text;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>Priorities of workflows and activities.</summary>
public static class PriorityRules
{
    private const int FairnessKeyBytes = 64;

    /// <exception cref="RefusalException">INVALID_ARGUMENT, naming the rule.</exception>
    public static void Check(Priority? priority)
    {
        if (Fault(priority) is { } fault)
        {
            throw Errors.InvalidArgument(fault);
        }
    }

    /// <summary>The rule that it breaks, or null.</summary>
    public static string? Fault(Priority? priority)
    {
        if (priority is null)
        {
            return null;
        }

        if (priority.PriorityKey < 0)
        {
            return "priority key can't be negative";
        }

        if (Encoding.UTF8.GetByteCount(priority.FairnessKey) > FairnessKeyBytes)
        {
            return "fairness key length exceeds limit";
        }

        return priority.FairnessWeight < 0 ? "must be greater than zero" : null;
    }
}
