namespace Onramp.Sandbox;

/// <summary>The template repositories that a sandbox starts with: one for each kind of workload.</summary>
public static class GoldenPath
{
    /// <summary><c>golden-path-microservice</c>, <c>-frontend</c>, <c>-api-gateway</c>, <c>-batch-job</c> and <c>-ml-pipeline</c>.</summary>
    public static IReadOnlyList<TemplateRepository> Repositories { get; } =
    [
        .. new[] { "microservice", "frontend", "api-gateway", "batch-job", "ml-pipeline" }
            .Select(kind => new TemplateRepository($"golden-path-{kind}", Files(kind))),
    ];

    private static Dictionary<string, string> Files(string kind) => new(StringComparer.Ordinal)
    {
        ["README.md"] = $"# Golden path: {kind}\n\nThe service's name and settings are in `service.yaml`.\n",
        ["service.yaml"] = "name: template\n",
        ["catalog-info.yaml"] = $"""
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata:
              name: template-{kind}
            spec:
              type: service
              lifecycle: experimental
              owner: group:default/platform

            """,
        ["CODEOWNERS"] = "* @acme/platform\n",
        ["Dockerfile"] = "FROM scratch\n",
        [".github/workflows/ci-cd.yaml"] = """
            name: ci-cd
            on:
              push:
                branches: [main]
              workflow_dispatch:
                inputs:
                  environment:
                    description: Where to deploy
                    required: false
            permissions:
              id-token: write
              contents: read
            jobs:
              build:
                if: ${{ !github.event.repository.is_template }}
                runs-on: ubuntu-latest
                steps:
                  - uses: actions/checkout@v4

            """,
        ["k8s/kustomization.yaml"] = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml]\n",
        ["k8s/service.yaml"] = """
            apiVersion: v1
            kind: Service
            metadata:
              name: app
              labels:
                app.kubernetes.io/name: app
            spec:
              selector:
                app.kubernetes.io/name: app
              ports:
                - name: http
                  port: 80
                  targetPort: 8080

            """,
    };
}
