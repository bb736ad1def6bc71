namespace Onramp.Starter;

/// <summary>Where the API is.</summary>
public static class ApiPaths
{
    public const string Services = "/api/v1/services";

    /// <summary>Services with environments and changes; it becomes v1 when everything has moved.</summary>
    public const string Preview = "/api/v2-preview/services";

    /// <summary>Whether changes are applied, or somebody holds all applying.</summary>
    public const string PreviewApplying = "/api/v2-preview/applying";

    public const string Live = "/healthz/live";
    public const string Ready = "/healthz/ready";
    public const string OpenApi = "/openapi/v1.json";

    /// <summary>Of the preview alone.</summary>
    public const string PreviewOpenApi = "/openapi/v2-preview.json";
}
