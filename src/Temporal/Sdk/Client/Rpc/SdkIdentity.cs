namespace Temporalio.Client.Rpc;

/// <summary>
/// What we call ourselves on the wire. Servers, the web console and history readers know SDKs by these names; the version is that of
/// the official release whose interface this one implements.
/// </summary>
internal static class SdkIdentity
{
    public const string Name = "temporal-dotnet";
    public const string Version = "1.18.0";
}
