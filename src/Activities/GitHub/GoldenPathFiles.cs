using System.Security.Cryptography;
using System.Text;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>The files that make a template this service's: pure functions of the run's input.</summary>
internal static class GoldenPathFiles
{
    public const string CatalogInfo = "catalog-info.yaml";
    public const string CodeOwners = "CODEOWNERS";
    public const string ServiceSettings = "service.yaml";

    /// <summary>Each file with every place in which those who read it look for it; ours is the last.</summary>
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Places = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        [CatalogInfo] = ["catalog-info.yml", CatalogInfo],
        [CodeOwners] = [".github/CODEOWNERS", "docs/CODEOWNERS", CodeOwners],
        [ServiceSettings] = ["service.yml", ServiceSettings],
    };

    /// <summary>All places of all files.</summary>
    public static IEnumerable<string> AllPlaces => Places.Values.SelectMany(p => p);

    /// <summary>Where an adopted repository had this file before the run, wherever that was; null when it had none.</summary>
    public static string? PlaceBefore(StepInput input, string path) => Places[path].FirstOrDefault(p => input.Had(AdoptedThings.File(p)));

    public static IEnumerable<(string Path, string Content)> For(StepInput input) =>
    [
        (CatalogInfo, Catalog(input)),
        (CodeOwners, $"* @{input.Names.RepositoryOwner}/{input.Request.Team}\n"),
        (ServiceSettings, Settings(input)),
    ];

    /// <summary>Git's name of a file's content; equal names need no write.</summary>
    public static string BlobSha(string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var header = Encoding.ASCII.GetBytes($"blob {bytes.Length}\0");
#pragma warning disable CA5350 // Git names blobs by SHA-1.
        return Convert.ToHexStringLower(SHA1.HashData([.. header, .. bytes]));
#pragma warning restore CA5350
    }

    private static string Catalog(StepInput input)
    {
        var (request, names) = (input.Request, input.Names);
        var system = input.Platform.Catalog.System;
        return YamlText.Write(
        [
            ("apiVersion", "backstage.io/v1alpha1"),
            ("kind", "Component"),
            ("metadata", new YamlMap
            {
                ("name", request.Name),
                ("description", request.Description),
                ("labels", new YamlMap { ("platform.io/team", request.Team) }),
                ("annotations", new YamlMap
                {
                    ("github.com/project-slug", $"{names.RepositoryOwner}/{names.RepositoryName}"),
                    ("backstage.io/techdocs-ref", "dir:."),
                    ("backstage.io/kubernetes-id", request.Name),
                    ("backstage.io/kubernetes-namespace", names.Namespace),
                    ("backstage.io/kubernetes-label-selector", $"app.kubernetes.io/name={request.Name}"),
                    ("grafana/dashboard-selector", $"uid == '{names.DashboardUid}'"),
                    ("grafana/alert-label-selector", $"service={request.Name}"),
                }),
                ("tags", new[] { request.Language, "golden-path" }),
            }),
            ("spec", new YamlMap
            {
                ("type", "service"),
                ("lifecycle", request.Environment == Vocabulary.Production ? "production" : "experimental"),
                ("owner", $"group:default/{request.Team}"),
                ("system", system.Length > 0 ? system : null),
            }),
        ]);
    }

    private static string Settings(StepInput input)
    {
        var registry = input.Platform.Azure.RegistryLoginServer;
        return YamlText.Write(
        [
            ("name", input.Request.Name),
            ("team", input.Request.Team),
            ("tier", input.Request.Tier),
            ("language", input.Request.Language),
            ("image", $"{(registry.Length > 0 ? $"{registry}/" : "")}{input.Names.ImageRepository}"),
        ]);
    }
}
