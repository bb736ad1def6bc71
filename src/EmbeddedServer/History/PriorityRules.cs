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
        if (priority is null)
        {
            return;
        }

        if (priority.PriorityKey < 0)
        {
            throw Errors.InvalidArgument("priority key can't be negative");
        }

        if (Encoding.UTF8.GetByteCount(priority.FairnessKey) > FairnessKeyBytes)
        {
            throw Errors.InvalidArgument("fairness key length exceeds limit");
        }

        if (priority.FairnessWeight < 0)
        {
            throw Errors.InvalidArgument("fairness weight can't be negative");
        }
    }
}
