using Google.Protobuf;
using Temporalio.Api.History.V1;

namespace Temporalio.Common;

/// <summary>The events of one run, for replay and for reading.</summary>
/// <param name="Id">Workflow id.</param>
/// <param name="Events">Events in order.</param>
public record WorkflowHistory(string Id, IReadOnlyCollection<HistoryEvent> Events)
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Reads what the web console, the command line and <see cref="ToJson()"/> write.</summary>
    /// <param name="workflowId">Workflow id, which the text does not carry.</param>
    /// <param name="json">The history.</param>
    public static WorkflowHistory FromJson(string workflowId, string json) =>
        new(workflowId, Parser.Parse<History>(HistoryJson.WithCanonicalEnums(json)).Events);

    /// <summary>Writes it as protobuf JSON.</summary>
    public string ToJson()
    {
        using var writer = new StringWriter();
        ToJson(writer);
        return writer.ToString();
    }

    /// <summary>Writes it as protobuf JSON.</summary>
    /// <param name="writer">Where to.</param>
    public void ToJson(TextWriter writer)
    {
        var history = new History();
        history.Events.AddRange(Events);
        JsonFormatter.Default.Format(history, writer);
    }
}
