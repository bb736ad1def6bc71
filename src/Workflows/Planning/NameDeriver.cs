using System.Security.Cryptography;
using System.Text;
using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Planning;

/// <summary>
/// One service name, many naming rules. Every name is a function of request and platform, without randomness, so that each
/// retry, each undo and each replay means the same things.
/// </summary>
public static class NameDeriver
{
    public const int MaxKeyVaultNames = 5;
    public const int GrafanaUidLimit = 40;
    private const int KeyVaultServiceLength = 11;
    private const int KeyVaultEnvironmentLength = 4;

    public static ServiceNames Derive(ServiceRequest request, PlatformProfile platform)
    {
        var environment = Vocabulary.ShortEnvironment(request.Environment);
        var scoped = $"{request.Name}-{environment}";
        return new ServiceNames
        {
            EnvironmentShort = environment,
            RepositoryOwner = platform.GitHub.Organization,
            RepositoryName = request.Name,
            Namespace = scoped,
            ResourceGroup = $"rg-{scoped}",
            KeyVaults = Enumerable.Range(0, MaxKeyVaultNames)
                .Select(n => KeyVault(request.Name, environment, platform.Azure.SubscriptionId, n)).ToArray(),
            Identity = $"id-{scoped}",
            PipelineIdentity = $"id-{scoped}-ci",
            ImageRepository = $"{request.Team}/{request.Name}",
            ServiceAccount = request.Name,
            GitOpsObject = scoped,
            DashboardFolderUid = GrafanaUid($"team-{request.Team}"),
            DashboardUid = GrafanaUid($"svc-{scoped}"),
            AlertGroup = scoped,
            CatalogEntityRef = $"component:default/{request.Name}",
        };
    }

    /// <summary>
    /// At most 24 characters of letters, digits and single hyphens. Vault names are global and stay taken after deletion, hence
    /// the hash, and a numbered series of them to fall back on.
    /// </summary>
    public static string KeyVault(string service, string environmentShort, string subscriptionId, int attempt)
    {
        var part = service[..Math.Min(service.Length, KeyVaultServiceLength)].TrimEnd('-');
        var environment = environmentShort[..Math.Min(environmentShort.Length, KeyVaultEnvironmentLength)];
        var seed = $"{subscriptionId.ToLowerInvariant()}/{service}/{environmentShort}" + (attempt == 0 ? "" : $"/{attempt}");
        return $"kv-{part}-{environment}-{Hash(seed, 4)}";
    }

    /// <summary>A Grafana uid: as it is when it fits, else cut and made unique by a hash of the whole.</summary>
    public static string GrafanaUid(string wanted) =>
        wanted.Length <= GrafanaUidLimit ? wanted : $"{wanted[..(GrafanaUidLimit - 9)].TrimEnd('-')}-{Hash(wanted, 8)}";

    /// <summary>The first hex digits of SHA-256, lower case.</summary>
    public static string Hash(string text, int digits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];
}
