using Temporalio.Api.Workflow.V1;

namespace Temporalio.Common;

/// <summary>How a workflow moves between the versions of a worker deployment.</summary>
public enum VersioningBehavior
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>Stays on the version that it started on.</summary>
    Pinned = 1,

    /// <summary>Moves to the current version with the next task.</summary>
    AutoUpgrade = 2,
}

/// <summary>One version of a worker deployment.</summary>
/// <param name="DeploymentName">Name of the deployment; contains no dot.</param>
/// <param name="BuildId">Build within the deployment.</param>
public sealed record WorkerDeploymentVersion(string DeploymentName, string BuildId)
{
    /// <summary>Parses <c>deployment.build</c>.</summary>
    /// <param name="canonical">What <see cref="ToCanonicalString"/> returns.</param>
    /// <exception cref="ArgumentException">There is no dot in it.</exception>
    public static WorkerDeploymentVersion FromCanonicalString(string canonical)
    {
        var dot = canonical.IndexOf('.');
        return dot < 0
            ? throw new ArgumentException($"Cannot parse version string: {canonical}, expected format is \"<deployment_name>.<build_id>\"", nameof(canonical))
            : new(canonical[..dot], canonical[(dot + 1)..]);
    }

    /// <summary>Formats as <c>deployment.build</c>.</summary>
    public string ToCanonicalString() => $"{DeploymentName}.{BuildId}";

    internal static WorkerDeploymentVersion? FromProto(Api.Deployment.V1.WorkerDeploymentVersion? proto) =>
        proto is null ? null : new(proto.DeploymentName, proto.BuildId);

    internal Api.Deployment.V1.WorkerDeploymentVersion ToProto() => new() { DeploymentName = DeploymentName, BuildId = BuildId };
}

/// <summary>Overrides the versioning behaviour of one workflow when it is started.</summary>
public abstract record VersioningOverride
{
    private protected VersioningOverride()
    {
    }

    /// <summary>How far pinning goes.</summary>
    public enum PinnedOverrideBehavior
    {
        /// <summary>Not said.</summary>
        Unspecified = 0,

        /// <summary>The workflow stays on the given version.</summary>
        Pinned = 1,
    }

    internal abstract Api.Workflow.V1.VersioningOverride ToProto();

    /// <summary>The workflow runs on one version only.</summary>
    /// <param name="Version">That version.</param>
    /// <param name="Behavior">How far pinning goes.</param>
    public sealed record Pinned(
        WorkerDeploymentVersion Version,
        PinnedOverrideBehavior Behavior = PinnedOverrideBehavior.Pinned) : VersioningOverride
    {
        internal override Api.Workflow.V1.VersioningOverride ToProto() => new()
        {
            Pinned = new()
            {
                Version = Version.ToProto(),
                Behavior = (Api.Workflow.V1.VersioningOverride.Types.PinnedOverrideBehavior)Behavior,
            },
        };
    }

    /// <summary>The workflow moves to the current version with its next task.</summary>
    public sealed record AutoUpgrade() : VersioningOverride
    {
        internal override Api.Workflow.V1.VersioningOverride ToProto() => new() { AutoUpgrade = true };
    }
}
