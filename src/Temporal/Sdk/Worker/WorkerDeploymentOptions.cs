using Temporalio.Common;

namespace Temporalio.Worker;

/// <summary>The deployment that a worker belongs to.</summary>
public class WorkerDeploymentOptions : ICloneable
{
    /// <summary>Has no version until <see cref="Version" /> is set.</summary>
    public WorkerDeploymentOptions()
    {
    }

    /// <summary>Belongs to a version of a deployment.</summary>
    /// <param name="version">See <see cref="Version" />.</param>
    /// <param name="useWorkerVersioning">See <see cref="UseWorkerVersioning" />.</param>
    public WorkerDeploymentOptions(WorkerDeploymentVersion version, bool useWorkerVersioning)
    {
        Version = version;
        UseWorkerVersioning = useWorkerVersioning;
    }

    /// <summary>Gets or sets the version.</summary>
    public WorkerDeploymentVersion? Version { get; set; }

    /// <summary>Gets or sets a value indicating whether the server routes tasks by version. All workflows then need a behavior.</summary>
    public bool UseWorkerVersioning { get; set; }

    /// <summary>Gets or sets the behavior of workflows that don't tell theirs.</summary>
    public VersioningBehavior DefaultVersioningBehavior { get; set; } = VersioningBehavior.Unspecified;

    /// <summary>Creates a shallow copy.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone() => MemberwiseClone();
}
