using System.Text.Json;
using System.Text.Json.Nodes;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>What the web UI is told about itself: which of its parts work here, and where it begins.</summary>
internal static class UiSettings
{
    /// <summary>The version of Temporal's UI server that this stands in for. The pages speak differently with those before 2.23.0.</summary>
    private const string Version = "2.38.0";

    /// <param name="defaultNamespace">Where the pages begin.</param>
    /// <param name="mayWrite">Whether the caller may change anything there; buttons that would be refused aren't shown.</param>
    public static byte[] Write(string defaultNamespace, bool mayWrite) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        // Callers are known before they get here.
        ["Auth"] = new JsonObject { ["Enabled"] = false, ["Options"] = null },
        ["BannerText"] = string.Empty,
        ["DefaultNamespace"] = defaultNamespace,
        ["ShowTemporalSystemNamespace"] = false,
        ["FeedbackURL"] = string.Empty,
        ["NotifyOnNewVersion"] = false,
        ["Codec"] = new JsonObject
        {
            ["Endpoint"] = string.Empty,
            ["PassAccessToken"] = false,
            ["IncludeCredentials"] = false,
            ["DefaultErrorMessage"] = string.Empty,
            ["DefaultErrorLink"] = string.Empty,
        },
        ["Version"] = Version,
        ["DisableWriteActions"] = !mayWrite,
        ["WorkflowTerminateDisabled"] = false,
        ["WorkflowCancelDisabled"] = false,
        ["WorkflowSignalDisabled"] = false,
        ["WorkflowUpdateDisabled"] = false,
        ["WorkflowResetDisabled"] = false,
        ["BatchActionsDisabled"] = false,
        ["StartWorkflowDisabled"] = false,
        ["HideWorkflowQueryErrors"] = false,
        ["RefreshWorkflowCountsDisabled"] = false,
    });
}
