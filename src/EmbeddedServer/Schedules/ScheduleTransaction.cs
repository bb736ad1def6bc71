using Google.Protobuf;
using Onramp.EmbeddedServer.History.Inbox;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Schedules.Specs;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>One decision about one schedule: what it is then, what it asks of workflows, and when it wants to be woken. Stored in one commit.</summary>
internal sealed class ScheduleTransaction : IScheduleDecision
{
    private readonly List<OutgoingMessage> sent = [];
    private readonly byte[]? storedDefinition;
    private CompiledSpec? spec;

    private ScheduleTransaction(
        ScheduleKey key, StoredScheduleDefinition definition, StoredScheduleProgress progress, DateTimeOffset now, byte[]? storedDefinition)
    {
        Key = key;
        Definition = definition;
        Progress = progress;
        Now = now;
        this.storedDefinition = storedDefinition;
        Schedule = Schedule.Parser.ParseFrom(definition.Schedule);
    }

    public ScheduleKey Key { get; }

    public DateTimeOffset Now { get; }

    public StoredScheduleDefinition Definition { get; }

    public StoredScheduleProgress Progress { get; }

    /// <summary>What people have set. Changes in place are stored.</summary>
    public Schedule Schedule { get; private set; }

    public CompiledSpec Spec => spec ??= new CompiledSpec(Schedule.Spec ?? new ScheduleSpec(), $"{Key.NamespaceId}/{Key.ScheduleId}");

    public IReadOnlyList<OutgoingMessage> Sent => sent;

    /// <summary>When it is next to be woken; known once the decision has been made.</summary>
    public DateTimeOffset? WakeUpAt { get; set; }

    /// <summary>Whether it is deleted: nothing of it is left but that it was there, and its times.</summary>
    public bool IsDeleted => Progress.DeletedAt != 0;

    /// <summary>Whether not even that is to be left.</summary>
    public bool IsForgotten { get; set; }

    public ScheduleOverlapPolicy OverlapPolicy => Schedule.Policies.OverlapPolicy;

    /// <summary>A schedule that begins.</summary>
    public static ScheduleTransaction Begin(ScheduleKey key, StoredScheduleDefinition definition, DateTimeOffset now) => new(
        key, definition, new StoredScheduleProgress { ConflictToken = 1, LastNominalAt = now.ToTicks() }, now, storedDefinition: null);

    /// <summary>A schedule as it is stored.</summary>
    public static ScheduleTransaction Read(ScheduleRow row, DateTimeOffset now) => new(
        row.Key, StoredScheduleDefinition.Parser.ParseFrom(row.Definition), StoredScheduleProgress.Parser.ParseFrom(row.Progress), now, row.Definition);

    /// <summary>Puts another schedule in the place of this one. Times before now are not acted on any more.</summary>
    public void Replace(Schedule schedule)
    {
        Schedule = schedule;
        spec = null;
        SkipTimes();
        Progress.UpdatedAt = Now.ToTicks();
        CountChange();
    }

    /// <summary>Whoever is about to write what he read before has to look again.</summary>
    public void CountChange() => Progress.ConflictToken++;

    /// <summary>Times up to now are dealt with.</summary>
    public void SkipTimes() => Progress.LastNominalAt = Math.Max(Progress.LastNominalAt, Now.ToTicks());

    public void Delete() => Progress.DeletedAt = Now.ToTicks();

    public void Send(WorkflowKey to, StoredMessage message)
    {
        message.From = new StoredSender
        {
            NamespaceId = Key.NamespaceId,
            NamespaceName = Definition.NamespaceName,
            WorkflowId = ScheduleNames.WorkflowIdOf(Key.ScheduleId),
            RunId = Definition.RunId,
        };
        sent.Add(new OutgoingMessage(to, message));
    }

    /// <summary>Ends the decision: what is to be stored.</summary>
    public ScheduleWrite Finish()
    {
        if (IsForgotten)
        {
            WakeUpAt = null;
            return new ScheduleWrite { Key = Key, Delete = true };
        }

        if (IsDeleted)
        {
            WakeUpAt = Progress.DeletedAt.ToInstant() + ScheduleLimits.DeletedRetention;
            return new ScheduleWrite
            {
                Key = Key,
                Hide = true,
                Definition = new StoredScheduleDefinition
                {
                    RunId = Definition.RunId,
                    Schedule = new Schedule { Spec = Schedule.Spec }.ToByteString(),
                }.ToByteArray(),
                Progress = new StoredScheduleProgress { DeletedAt = Progress.DeletedAt }.ToByteArray(),
                WakeUpAt = WakeUpAt,
            };
        }

        Definition.Schedule = Schedule.ToByteString();
        var definition = Definition.ToByteArray();
        var changed = storedDefinition is null || !storedDefinition.AsSpan().SequenceEqual(definition);
        return new ScheduleWrite
        {
            Key = Key,
            Definition = changed ? definition : null,
            Progress = Progress.ToByteArray(),
            WakeUpAt = WakeUpAt,
            Visibility = changed ? ScheduleVisibility.Of(this) : null,
        };
    }
}
