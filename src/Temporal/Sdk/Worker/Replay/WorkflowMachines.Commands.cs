using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <content>Commands of the workflow code, and how history's command events are matched with them.</content>
internal sealed partial class WorkflowMachines
{
    /// <summary>A longer list of patches is not written to the search attribute any more.</summary>
    private const int MaxChangeVersionBytes = 2048;

    private readonly List<(CommandMachine Machine, CommandType Type)> queue = [];
    private readonly Dictionary<long, TimerMachine> timers = [];
    private readonly Dictionary<long, ActivityMachine> activities = [];
    private readonly SortedSet<string> patches = new(StringComparer.Ordinal);
    private readonly HashSet<string> patchesWithUpsert = [];
    private bool skipChangeVersion;

    /// <summary>Gets a value indicating whether the code has ended the run.</summary>
    public bool Ended { get; private set; }

    /// <summary>Gets the machines of the commands to send, in order.</summary>
    public IEnumerable<(CommandMachine Machine, CommandType Type)> Outgoing => queue.Where(queued => !queued.Machine.CanceledBeforeSent);

    /// <summary>Takes the commands of one activation.</summary>
    public void Push(IReadOnlyList<WorkflowCommand> commands)
    {
        foreach (var command in commands)
        {
            Push(command);
        }
    }

    /// <summary>Ends the run with nothing but one command, because its code and its history have parted.</summary>
    public void Abandon(EndWorkflow end)
    {
        queue.Clear();
        Ended = false;
        Push(end);
    }

    /// <summary>Puts a command behind the others, but before the one that ends the run.</summary>
    internal void Enqueue(CommandMachine machine, CommandType type)
    {
        var index = queue is [.., { Machine: EndWorkflowMachine }] ? queue.Count - 1 : queue.Count;
        queue.Insert(index, (machine, type));
    }

    private void Push(WorkflowCommand command)
    {
        switch (command)
        {
            case StartTimer start:
                timers.Add(start.Sequence, new TimerMachine(this, start));
                break;
            // What is not there any more has ended by an event of this very step, which the code had not seen when it cancelled.
            case CancelTimer cancel when timers.Remove(cancel.Sequence, out var timer):
                timer.Cancel();
                break;
            case ScheduleActivity schedule:
                activities.Add(schedule.Sequence, new ActivityMachine(this, schedule));
                break;
            case RequestCancelActivity cancel when activities.Remove(cancel.Sequence, out var activity):
                activity.Cancel();
                break;
            case SetPatchMarker patch:
                Push(patch);
                break;
            case UpsertSearchAttributes upsert:
                Enqueue(new UpsertSearchAttributesMachine(upsert.Attributes), CommandType.UpsertWorkflowSearchAttributes);
                break;
            case ModifyProperties modify:
                Enqueue(new ModifyPropertiesMachine(modify.Attributes), CommandType.ModifyWorkflowProperties);
                break;
            case EndWorkflow end when !Ended:
                var machine = new EndWorkflowMachine(end);
                queue.Add((machine, machine.ToCommand(default).CommandType));
                Ended = true;
                break;
        }
    }

    private void Push(SetPatchMarker patch)
    {
        if (!patches.Add(patch.PatchId))
        {
            return;
        }

        Enqueue(new PatchMachine(patch), CommandType.RecordMarker);
        var list = JsonSerializer.SerializeToUtf8Bytes<IEnumerable<string>>(patches);
        if (replaying ? patchesWithUpsert.Contains(patch.PatchId) : list.Length < MaxChangeVersionBytes)
        {
            var attributes = new UpsertWorkflowSearchAttributesCommandAttributes { SearchAttributes = new SearchAttributes() };
            attributes.SearchAttributes.IndexedFields.Add(UpsertSearchAttributesMachine.ChangeVersionAttribute, new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8("KeywordList") },
                Data = ByteString.CopyFrom(list),
            });
            Enqueue(new UpsertSearchAttributesMachine(attributes), CommandType.UpsertWorkflowSearchAttributes);
        }
    }

    private void NoticePatch(string patchId, bool hasUpsert)
    {
        if (hasUpsert)
        {
            patchesWithUpsert.Add(patchId);
        }

        if (!patches.Contains(patchId))
        {
            AddJob(new NotifyHasPatchJob(patchId));
        }
    }

    private void MatchCommand(HistoryEvent historyEvent)
    {
        if (skipChangeVersion)
        {
            skipChangeVersion = false;
            if (UpsertSearchAttributesMachine.IsChangeVersion(historyEvent))
            {
                return;
            }
        }

        DropCanceled();
        if (PatchMachine.TryRead(historyEvent, out var patch))
        {
            // A deprecated patch may be taken out of the code; its marker then has no command.
            if (patch.Deprecated && !(queue is [{ Machine: PatchMachine first }, ..] && first.PatchId == patch.Id))
            {
                skipChangeVersion = true;
                return;
            }
        }
        else
        {
            DropPatches();
        }

        if (queue.Count == 0)
        {
            throw new WorkflowNondeterminismException(
                $"[TMPRL1100] Nondeterminism error: history event {historyEvent.EventId} is {historyEvent.EventType}, " +
                "but the workflow gave no command there");
        }

        var (machine, type) = queue[0];
        queue.RemoveAt(0);
        machine.OnCommandEvent(type, historyEvent);
    }

    /// <summary>A workflow task's commands become events all at once, so the code must not have given more than there are events.</summary>
    private void RequireNoCommandsLeft(HistoryEvent? next)
    {
        DropCanceled();
        DropPatches();
        if (queue.Count > 0)
        {
            var found = next is null ? "the history ends" : $"history event {next.EventId} is {next.EventType}";
            throw new WorkflowNondeterminismException(
                $"[TMPRL1100] Nondeterminism error: the workflow gave a command {queue[0].Type} where {found}");
        }
    }

    private void DropCanceled() => queue.RemoveAll(queued => queued.Machine.CanceledBeforeSent);

    /// <summary>Drops patches that the code takes but the history does not know, up to the first other command.</summary>
    private void DropPatches()
    {
        while (queue is [{ Machine: PatchMachine }, ..])
        {
            queue.RemoveAt(0);
        }
    }
}
