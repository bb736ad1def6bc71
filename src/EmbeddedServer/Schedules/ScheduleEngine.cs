using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Schedules.Specs;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>
/// Everything that people and the clock do to schedules. One writer a schedule: each call reads it, decides, commits, and only then answers.
/// Requests come validated, with times in their one form. What a schedule asks of workflows are messages of the same commit.
/// </summary>
public sealed partial class ScheduleEngine
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a call waits at most for the start of what it has asked for. It happens all the same.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private readonly ExecutionRunner runner;
    private readonly IStore store;
    private readonly WakeUpQueue wakeUps;
    private readonly HistoryNotifier notifier;
    private readonly IIdSource ids;
    private readonly ILogger logger;

    internal ScheduleEngine(ExecutionRunner runner, IStore store, WakeUpQueue wakeUps, HistoryNotifier notifier, IIdSource ids, ILogger logger)
    {
        this.notifier = notifier;
        this.runner = runner;
        this.store = store;
        this.wakeUps = wakeUps;
        this.ids = ids;
        this.logger = logger;
    }

    /// <summary>Makes a schedule. The same request again changes nothing.</summary>
    /// <exception cref="RefusalException">ALREADY_EXISTS.</exception>
    public async Task<CreateScheduleResponse> CreateAsync(NamespaceRef ns, CreateScheduleRequest request)
    {
        var key = new ScheduleKey(ns.Id, request.ScheduleId);
        var response = await CreateAsync(ns, key, request).ConfigureAwait(false);
        if (request.InitialPatch is not null)
        {
            await WaitForStartsAsync(key).ConfigureAwait(false);
        }

        return response;
    }

    private async Task<CreateScheduleResponse> CreateAsync(NamespaceRef ns, ScheduleKey key, CreateScheduleRequest request)
    {
        using var lease = await LeaseAsync(key).ConfigureAwait(false);
        if (Find(key) is { IsDeleted: false } existing)
        {
            return existing.Definition.CreateRequestId == request.RequestId
                ? new CreateScheduleResponse { ConflictToken = TokenOf(existing) }
                : throw new RefusalException(
                    RefusalKind.AlreadyExists, $"schedule \"{request.ScheduleId}\" is already registered", new WorkflowExecutionAlreadyStartedFailure());
        }

        var tx = ScheduleTransaction.Begin(key, new StoredScheduleDefinition
        {
            RunId = ids.NewRunId(),
            NamespaceName = ns.Name,
            CreateRequestId = request.RequestId,
            CreatedAt = runner.Now.ToTicks(),
            Schedule = request.Schedule.ToByteString(),
            Memo = request.Memo.ToStored(),
            SearchAttributes = request.SearchAttributes.ToStored(),
        }, runner.Now);
        var token = TokenOf(tx);
        if (request.InitialPatch is { } patch)
        {
            SchedulePatches.Apply(tx, patch);
        }

        ScheduleDecider.Decide(tx);
        await CommitAsync(lease, tx).ConfigureAwait(false);
        return new CreateScheduleResponse { ConflictToken = token };
    }

    public DescribeScheduleResponse Describe(NamespaceRef ns, string scheduleId)
    {
        var tx = Load(new ScheduleKey(ns.Id, scheduleId));
        return tx.IsDeleted ? throw Errors.NotFound("schedule not found") : ScheduleDescriber.Describe(tx, TokenOf(tx));
    }

    /// <summary>The schedule as it is listed; null when there is none (any more).</summary>
    public ScheduleListEntry? FindEntry(NamespaceRef ns, string scheduleId) =>
        Find(new ScheduleKey(ns.Id, scheduleId)) is { IsDeleted: false } tx ? ScheduleDescriber.Entry(tx) : null;

    /// <summary>Puts another schedule in its place. With a token that is out of date nothing happens, as in the reference.</summary>
    /// <param name="attributes">Null keeps those that are set; empty ones clear them.</param>
    public Task UpdateAsync(NamespaceRef ns, string scheduleId, Schedule schedule, ByteString token, SearchAttributes? attributes) =>
        ChangeAsync(new ScheduleKey(ns.Id, scheduleId), tx =>
        {
            // What is too short to be a token is none.
            if (token.Length >= sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(token.Span) is not 0 and var expected && expected != tx.Progress.ConflictToken)
            {
                return;
            }

            tx.Replace(schedule);
            if (attributes is not null)
            {
                tx.Definition.SearchAttributes = attributes.IndexedFields.Count == 0 ? null : attributes.ToByteString();
            }
        });

    /// <summary>Triggers, backfills, pauses and unpauses.</summary>
    public async Task PatchAsync(NamespaceRef ns, string scheduleId, SchedulePatch patch)
    {
        var key = new ScheduleKey(ns.Id, scheduleId);
        await ChangeAsync(key, tx => SchedulePatches.Apply(tx, patch)).ConfigureAwait(false);
        await WaitForStartsAsync(key).ConfigureAwait(false);
    }

    /// <summary>The times of the schedule, also of a deleted one, in a period, with their jitter; the end belongs to the period and the start does not.</summary>
    public IReadOnlyList<DateTimeOffset> MatchingTimes(NamespaceRef ns, string scheduleId, DateTimeOffset from, DateTimeOffset to) =>
    [
        .. Load(new ScheduleKey(ns.Id, scheduleId)).Spec.After(from).TakeWhile(time => time.Due <= to)
            .Take(ScheduleLimits.MatchingTimes).Select(time => time.Due),
    ];

    /// <summary>Removes the schedule. Workflows that it started go on.</summary>
    public async Task DeleteAsync(NamespaceRef ns, string scheduleId)
    {
        var key = new ScheduleKey(ns.Id, scheduleId);
        using var lease = await LeaseAsync(key).ConfigureAwait(false);
        var tx = LoadOpen(key);
        tx.Delete();
        await CommitAsync(lease, tx).ConfigureAwait(false);
    }

    /// <summary>Removes all schedules of a namespace without a trace.</summary>
    public async Task DeleteAllAsync(NamespaceRef ns, CancellationToken cancellationToken)
    {
        foreach (var key in store.ReadSchedules(ns.Id))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var lease = await LeaseAsync(key).ConfigureAwait(false);
            if (Find(key) is { } tx)
            {
                tx.IsForgotten = true;
                await CommitAsync(lease, tx).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Acts on the times that have come. What fails is tried again, for as long as the store takes writes.</summary>
    internal async Task WakeAsync(ScheduleKey key)
    {
        try
        {
            using var lease = await LeaseAsync(key).ConfigureAwait(false);
            if (Find(key) is { } tx)
            {
                if (tx.IsDeleted)
                {
                    tx.IsForgotten = true;
                }
                else
                {
                    ScheduleDecider.Decide(tx);
                }

                await CommitAsync(lease, tx).ConfigureAwait(false);
            }
        }
        catch (RefusalException e) when (e.InnerException is StoreStoppedException)
        {
            LogStopped(logger, e, key.ScheduleId);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, key.ScheduleId);
            wakeUps.Set(key.ToWakeUpKey(), runner.Now + RetryInterval);
        }
    }

    /// <summary>Whoever asks for an action and then looks at the schedule sees it there.</summary>
    private async Task WaitForStartsAsync(ScheduleKey key)
    {
        using var patience = new CancellationTokenSource(StartPatience);
        while (!patience.IsCancellationRequested)
        {
            var waiter = notifier.Register(key.ToWakeUpKey());
            try
            {
                if (Find(key) is not { IsDeleted: false, Progress.Starting.Count: > 0 })
                {
                    return;
                }

                await waiter.Task.WaitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                notifier.Unregister(key.ToWakeUpKey(), waiter);
            }
        }
    }

    private async Task ChangeAsync(ScheduleKey key, Action<ScheduleTransaction> change)
    {
        using var lease = await LeaseAsync(key).ConfigureAwait(false);
        var tx = LoadOpen(key);
        change(tx);
        ScheduleDecider.Decide(tx);
        await CommitAsync(lease, tx).ConfigureAwait(false);
    }

    private ValueTask<ExecutionCache.Lease> LeaseAsync(ScheduleKey key) => runner.LeaseAsync(key.NamespaceId, ScheduleNames.WorkflowIdOf(key.ScheduleId));

    private Task CommitAsync(ExecutionCache.Lease lease, ScheduleTransaction tx) => runner.CommitAsync(lease, [], [], [], tx);

    private ScheduleTransaction? Find(ScheduleKey key) => store.FindSchedule(key) is { } row ? ScheduleTransaction.Read(row, runner.Now) : null;

    /// <summary>The schedule, also one that was deleted and isn't forgotten yet: of that only changes and descriptions are refused, as in the reference.</summary>
    private ScheduleTransaction Load(ScheduleKey key) => Find(key) ?? throw Errors.WorkflowNotFound(ScheduleNames.WorkflowIdOf(key.ScheduleId));

    private ScheduleTransaction LoadOpen(ScheduleKey key) => Load(key) is { IsDeleted: false } tx ? tx : throw Errors.AlreadyClosed();

    private static ByteString TokenOf(ScheduleTransaction tx)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, tx.Progress.ConflictToken);
        return ByteString.CopyFrom(bytes);
    }

    [LoggerMessage(1, LogLevel.Error, "Waking schedule {ScheduleId} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string scheduleId);

    [LoggerMessage(2, LogLevel.Warning, "Schedule {ScheduleId} could not be woken: the store takes no writes")]
    private static partial void LogStopped(ILogger logger, Exception exception, string scheduleId);
}
