using System.Text;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Priorities of workflows and activities.</summary>
public static class PriorityRules
{
    /// <exception cref="RefusalException">INVALID_ARGUMENT, naming the rule.</exception>
    public static void Check(Priority? priority)
    {
        if (priority is null)
        {
            return;
        }

        if (priority.PriorityKey < 0)
        {
            throw Refusals.InvalidArgument("priority key can't be negative");
        }

        if (Encoding.UTF8.GetByteCount(priority.FairnessKey) > Limits.FairnessKeyBytes)
        {
            throw Refusals.InvalidArgument("fairness key length exceeds limit");
        }

        if (priority.FairnessWeight < 0)
        {
            throw Refusals.InvalidArgument("fairness weight can't be negative");
        }
    }
}
