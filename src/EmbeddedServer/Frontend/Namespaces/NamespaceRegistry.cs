using System.Collections.Concurrent;
using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.Replication.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>
/// The namespaces, so many at most. Reads come from memory; a change is written to the store first and then seen by all. Removed ones are kept
/// under another name until their workflows are gone; those that were only declared to be deleted keep theirs.
/// </summary>
public sealed class NamespaceRegistry : IDisposable
{
    /// <summary>The server's own namespace; nobody registers or deletes it.</summary>
    public const string SystemName = "temporal-system";

    private const string SystemId = "32049b68-7872-4094-8e63-d0dd59896a83";
    private const string ClusterName = "active";

    private readonly IStore store;
    private readonly IIdSource ids;
    private readonly HistoryEngineOptions limits;
    private readonly int most;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly ConcurrentDictionary<string, NamespaceEntry> byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NamespaceEntry> byId = new(StringComparer.Ordinal);

    /// <param name="limits">What namespaces say of the sizes that are taken.</param>
    /// <param name="most">How many there may be before no more can be registered.</param>
    public NamespaceRegistry(IStore store, IIdSource ids, HistoryEngineOptions limits, int most = Limits.Namespaces)
    {
        this.most = most;
        this.limits = limits;
        this.store = store;
        this.ids = ids;
        foreach (var row in store.ReadNamespaces())
        {
            Publish(NamespaceEntry.FromRow(row, limits));
        }
    }

    /// <summary>All but the removed ones, by name.</summary>
    public IEnumerable<NamespaceEntry> Registered => byName.Values.OrderBy(n => n.Ref.Name, StringComparer.Ordinal);

    /// <summary>Those whose workflows are still to be removed.</summary>
    public IEnumerable<NamespaceEntry> Removed => byId.Values.Where(n => n.IsRemoved);

    /// <summary>Resolves the namespace that a request works in.</summary>
    /// <exception cref="RefusalException">INVALID_ARGUMENT, NOT_FOUND, or FAILED_PRECONDITION when its state forbids the call.</exception>
    public NamespaceEntry Resolve(string name) => Require(ResolveInAnyState(name), NamespaceState.Registered, NamespaceState.Deprecated);

    /// <summary>The same by its id.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, or FAILED_PRECONDITION when its state forbids the call.</exception>
    public NamespaceEntry ResolveById(string id) =>
        Require(FindById(id) ?? throw Refusals.NamespaceNotFound(id), NamespaceState.Registered, NamespaceState.Deprecated);

    /// <summary>The same for calls that bring new work, which a deprecated namespace refuses.</summary>
    public NamespaceEntry ResolveForStart(string name) => Require(ResolveInAnyState(name), NamespaceState.Registered);

    public NamespaceEntry? Find(string name) => byName.GetValueOrDefault(name);

    public NamespaceEntry? FindById(string id) => byId.TryGetValue(id, out var entry) && !entry.IsRemoved ? entry : null;

    /// <summary>Makes sure that the server's own namespace and the named ones exist.</summary>
    public async Task EnsureAsync(IEnumerable<string> names, TimeSpan retention, IReadOnlyDictionary<string, IndexedValueType> searchAttributes)
    {
        await EnsureAsync(SystemId, SystemName, TimeSpan.FromDays(7)).ConfigureAwait(false);
        foreach (var name in names)
        {
            await EnsureAsync(ids.NewId(), name, retention).ConfigureAwait(false);
            if (Find(name) is { State: not NamespaceState.Deleted } entry && searchAttributes.Any(attribute => !entry.SearchAttributes.ContainsKey(attribute.Key)))
            {
                await UpdateSearchAttributesAsync(name, row => SearchAttributeRegistry.Add(row, searchAttributes)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Adds a namespace.</summary>
    /// <exception cref="RefusalException">ALREADY_EXISTS; RESOURCE_EXHAUSTED: there are as many as there may be; INVALID_ARGUMENT: too much is said of it.</exception>
    public async Task RegisterAsync(string name, Action<NamespaceInfo, NamespaceConfig> fill)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (byName.ContainsKey(name))
            {
                throw Refusals.NamespaceExists(name);
            }

            if (byId.Count >= most)
            {
                throw Refusals.ResourceExhausted($"there are {byId.Count} namespaces, which is the most that there may be: delete one that is not needed");
            }

            var entry = Create(ids.NewId(), name, TimeSpan.Zero);
            fill(entry.Description.NamespaceInfo, entry.Description.Config);
            CheckSize(entry);
            await WriteAsync(entry).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Changes a namespace's description and returns how it is then.</summary>
    public Task<NamespaceEntry> UpdateAsync(string name, Action<DescribeNamespaceResponse> change) => ChangeAsync(name, Resolve, entry =>
    {
        var description = entry.Description.Clone();
        change(description);
        return entry with { Description = description };
    });

    /// <summary>Changes a namespace's custom search attributes, by a function from its row to the row to write.</summary>
    public Task<NamespaceEntry> UpdateSearchAttributesAsync(string name, Func<NamespaceRow, NamespaceRow> change) =>
        ChangeAsync(name, Resolve, entry => NamespaceEntry.FromRow(change(entry.ToRow()), limits));

    /// <summary>Removes a namespace: its name is free again, its id goes on until its workflows are gone.</summary>
    public Task<NamespaceEntry> DeleteAsync(string name) => ChangeAsync(name, ResolveInAnyState, entry =>
    {
        var deletedName = name + entry.RemovedSuffix;
        var description = entry.Description.Clone();
        description.NamespaceInfo.State = NamespaceState.Deleted;
        description.NamespaceInfo.Name = deletedName;
        return entry with { Ref = new NamespaceRef(entry.Ref.Id, deletedName), Description = description };
    });

    /// <summary>Forgets a deleted one, whose workflows are gone.</summary>
    public async Task ForgetAsync(NamespaceRef ns)
    {
        await store.DeleteNamespaceAsync(ns.Id).ConfigureAwait(false);
        byId.TryRemove(ns.Id, out _);
    }

    public void Dispose() => writing.Dispose();

    private static NamespaceEntry Require(NamespaceEntry entry, params NamespaceState[] allowed) =>
        allowed.Contains(entry.State) ? entry : throw new RefusalException(
            RefusalKind.FailedPrecondition,
            $"Namespace has invalid state: {entry.State}. Must be {string.Join(" or ", allowed)}.",
            new NamespaceInvalidStateFailure { Namespace = entry.Ref.Name, State = entry.State, AllowedStates = { allowed } });

    private NamespaceEntry ResolveInAnyState(string name)
    {
        if (name.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace is empty.");
        }

        return Find(name) ?? throw Refusals.NamespaceNotFound(name);
    }

    private async Task<NamespaceEntry> ChangeAsync(string name, Func<string, NamespaceEntry> resolve, Func<NamespaceEntry, NamespaceEntry> change)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            var before = resolve(name);
            var changed = change(before);
            if (!changed.IsRemoved && changed.Description.CalculateSize() > before.Description.CalculateSize())
            {
                CheckSize(changed);
            }

            await WriteAsync(changed).ConfigureAwait(false);
            if (changed.IsRemoved)
            {
                byName.TryRemove(name, out _);
            }

            return changed;
        }
        finally
        {
            writing.Release();
        }
    }

    private static void CheckSize(NamespaceEntry entry)
    {
        if (entry.Description.CalculateSize() > Limits.NamespaceBytes)
        {
            throw Refusals.InvalidArgument($"what is said of a namespace may have {Limits.NamespaceBytes} bytes, and this has {entry.Description.CalculateSize()}");
        }
    }

    private async Task EnsureAsync(string id, string name, TimeSpan retention)
    {
        if (!byName.ContainsKey(name))
        {
            await WriteAsync(Create(id, name, retention)).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(NamespaceEntry entry)
    {
        await store.WriteNamespaceAsync(entry.ToRow()).ConfigureAwait(false);
        Publish(entry);
    }

    private void Publish(NamespaceEntry entry)
    {
        byId[entry.Ref.Id] = entry;
        if (!entry.IsRemoved)
        {
            byName[entry.Ref.Name] = entry;
        }
    }

    private NamespaceEntry Create(string id, string name, TimeSpan retention)
    {
        var description = new DescribeNamespaceResponse
        {
            NamespaceInfo = new NamespaceInfo { Id = id, Name = name, State = NamespaceState.Registered },
            Config = new NamespaceConfig
            {
                WorkflowExecutionRetentionTtl = Duration.FromTimeSpan(retention),
                HistoryArchivalState = ArchivalState.Disabled,
                VisibilityArchivalState = ArchivalState.Disabled,
                BadBinaries = new BadBinaries(),
            },
            ReplicationConfig = new NamespaceReplicationConfig
            {
                ActiveClusterName = ClusterName,
                Clusters = { new ClusterReplicationConfig { ClusterName = ClusterName } },
            },
        };
        NamespaceEntry.Advertise(description, limits);
        return new NamespaceEntry(new NamespaceRef(id, name), description, FrozenDictionary<string, IndexedValueType>.Empty);
    }
}
