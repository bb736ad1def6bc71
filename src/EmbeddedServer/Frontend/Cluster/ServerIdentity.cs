namespace Onramp.EmbeddedServer.Frontend.Cluster;

/// <summary>Who this server is.</summary>
internal sealed record ServerIdentity(string ClusterId, DateTimeOffset StartedAt)
{
    /// <summary>The release of the API's reference server that this one answers like; clients gate features by it.</summary>
    public const string ApiVersion = "1.32.1";

    public const string ClusterName = "active";
}
