namespace Temporalio.Worker.Tuning;

/// <summary>Kinds of slots.</summary>
public enum SlotType
{
    /// <summary>For workflow tasks.</summary>
    Workflow = 0,

    /// <summary>For activity tasks.</summary>
    Activity = 1,

    /// <summary>For local activities.</summary>
    LocalActivity = 2,

    /// <summary>For Nexus tasks.</summary>
    NexusOperation = 3,
}

/// <summary>A slot taken from a <see cref="CustomSlotSupplier" />.</summary>
public record SlotPermit
{
    /// <summary>A slot without data.</summary>
    public SlotPermit()
    {
    }

    /// <summary>A slot with data.</summary>
    /// <param name="data">See <see cref="UserData" />.</param>
    public SlotPermit(object? data) => UserData = data;

    /// <summary>Gets whatever the supplier wants to find again when the slot is used or released.</summary>
    public object? UserData { get; init; }
}

/// <summary>What a slot is used for.</summary>
public record SlotInfo
{
    private SlotInfo()
    {
    }

    /// <summary>A workflow task.</summary>
    /// <param name="WorkflowType">Workflow type.</param>
    /// <param name="IsSticky">Whether the task came from the sticky queue.</param>
    public record WorkflowSlotInfo(string WorkflowType, bool IsSticky) : SlotInfo;

    /// <summary>An activity task.</summary>
    /// <param name="ActivityType">Activity type.</param>
    public record ActivitySlotInfo(string ActivityType) : SlotInfo;

    /// <summary>A local activity.</summary>
    /// <param name="ActivityType">Activity type.</param>
    public record LocalActivitySlotInfo(string ActivityType) : SlotInfo;

    /// <summary>A Nexus task.</summary>
    /// <param name="ServiceHandlerType">Service.</param>
    /// <param name="OperationName">Operation.</param>
    public record NexusOperationSlotInfo(string ServiceHandlerType, string OperationName) : SlotInfo;
}

/// <summary>What a slot is wanted for.</summary>
/// <param name="SlotType">Kind of slot.</param>
/// <param name="TaskQueue">Task queue of the worker.</param>
/// <param name="WorkerIdentity">Identity of the worker.</param>
/// <param name="WorkerBuildId">Build id of the worker; empty if it has none.</param>
/// <param name="IsSticky">Whether it is for a poll of the sticky queue.</param>
public record SlotReserveContext(SlotType SlotType, string TaskQueue, string WorkerIdentity, string WorkerBuildId, bool IsSticky);

/// <summary>Tells that a slot is used.</summary>
/// <param name="SlotInfo">What for.</param>
/// <param name="Permit">The slot.</param>
public record SlotMarkUsedContext(SlotInfo SlotInfo, SlotPermit Permit);

/// <summary>Tells that a slot is free again.</summary>
/// <param name="SlotInfo">What it was used for; null if it was not used.</param>
/// <param name="Permit">The slot.</param>
public record SlotReleaseContext(SlotInfo? SlotInfo, SlotPermit Permit);
