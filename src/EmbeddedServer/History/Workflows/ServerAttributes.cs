using System.Text.Json;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Search attributes that the server itself keeps on a run, all of them lists of keywords.</summary>
internal static class ServerAttributes
{
    /// <summary>Gives the run the attribute with these values; takes it away when there are none.</summary>
    public static void Set(ExecutionTransaction tx, string name, IReadOnlyCollection<string> values)
    {
        var payload = values.Count > 0 ? PayloadOf(values) : null;
        if (Equals(tx.State.SearchAttributes?.IndexedFields.GetValueOrDefault(name), payload))
        {
            return;
        }

        var attributes = tx.State.SearchAttributes?.Clone() ?? new SearchAttributes();
        attributes.IndexedFields.Remove(name);
        if (payload is not null)
        {
            attributes.IndexedFields.Add(name, payload);
        }

        tx.State.SearchAttributes = attributes;
        tx.ChangeVisibility();
    }

    /// <summary>The values as the payload of a search attribute.</summary>
    public static Payload PayloadOf(IReadOnlyCollection<string> values) => SearchAttributeValue.KeywordsOf(JsonSerializer.Serialize(values));
}
