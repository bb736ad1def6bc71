using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>What a dynamic workflow tells about itself through <see cref="WorkflowDynamicOptionsAttribute" />.</summary>
public class WorkflowDefinitionOptions : ICloneable
{
    /// <summary>Gets or sets the exception types that fail the workflow; null keeps those of the attribute.</summary>
    public Type[]? FailureExceptionTypes { get; set; }

    /// <summary>Gets or sets the versioning behavior; unspecified keeps the attribute's.</summary>
    public VersioningBehavior VersioningBehavior { get; set; } = VersioningBehavior.Unspecified;

    /// <summary>Creates a shallow copy.</summary>
    /// <returns>The copy.</returns>
    public virtual object Clone() => MemberwiseClone();
}
