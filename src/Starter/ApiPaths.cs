namespace Onramp.Starter;

/// <summary>Where the API is.</summary>
public static class ApiPaths
{
    public const string Services = "/api/v1/services";
    public const string Live = "/healthz/live";
    public const string Ready = "/healthz/ready";
    public const string OpenApi = "/openapi/v1.json";
}
