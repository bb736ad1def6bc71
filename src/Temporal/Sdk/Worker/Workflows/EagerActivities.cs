using Temporalio.Api.Command.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Worker.Activities;

namespace Temporalio.Worker.Workflows;

/// <summary>
/// Activities that this worker can run itself come with the answer to their scheduling. Slots for them are reserved before, and given back
/// if the server does not use them.
/// </summary>
internal sealed class EagerActivities(WorkerContext context, ActivityWorker? activities)
{
    /// <summary>Reserves slots for activities among the commands, and asks for no more than could be reserved.</summary>
    public Reservation Reserve(IReadOnlyList<Command> commands)
    {
        var reservation = new Reservation(activities);
        foreach (var command in commands)
        {
            if (command.ScheduleActivityTaskCommandAttributes is { RequestEagerExecution: true } schedule)
            {
                schedule.RequestEagerExecution = activities is not null
                    && !context.Options.DisableEagerActivityExecution
                    && schedule.TaskQueue.Name == context.TaskQueue
                    && reservation.Count < context.Options.MaxEagerActivityReservationsPerWorkflowTask
                    && reservation.TryAdd();
            }
        }

        return reservation;
    }

    /// <summary>Reserved slots; those not used are given back when it is disposed.</summary>
    internal sealed class Reservation(ActivityWorker? activities) : IDisposable
    {
        /// <summary>Gets how many slots are left.</summary>
        public int Count { get; private set; }

        /// <summary>Reserves one more, if one is free.</summary>
        public bool TryAdd()
        {
            if (!activities!.TryReserveEagerSlot())
            {
                return false;
            }

            Count++;
            return true;
        }

        /// <summary>Uses slots for tasks.</summary>
        public void Start(IReadOnlyCollection<PollActivityTaskQueueResponse> tasks)
        {
            foreach (var task in tasks)
            {
                if (Count == 0)
                {
                    throw new InvalidOperationException("Server sent more eager activities than were asked for");
                }

                Count--;
                activities!.StartEager(task);
            }
        }

        public void Dispose()
        {
            for (; Count > 0; Count--)
            {
                activities!.ReleaseEagerSlot();
            }
        }
    }
}
