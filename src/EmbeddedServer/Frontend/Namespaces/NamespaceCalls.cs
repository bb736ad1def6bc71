using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Visibility.Paging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.Replication.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>Register, describe, list, update and deprecate namespaces.</summary>
internal sealed class NamespaceCalls(NamespaceRegistry registry, TimeProvider time)
{
    public async Task<RegisterNamespaceResponse> RegisterAsync(RegisterNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        if (request.IsGlobalNamespace)
        {
            throw Refusals.InvalidArgument("Cannot register global namespace when not enabled");
        }

        CheckRetention(request.WorkflowExecutionRetentionPeriod);
        CheckReplication(request.ActiveClusterName, request.Clusters);
        await registry.RegisterAsync(request.Namespace, (info, config) =>
        {
            info.Description = request.Description;
            info.OwnerEmail = request.OwnerEmail;
            info.Data.Add(request.Data);
            config.WorkflowExecutionRetentionTtl = request.WorkflowExecutionRetentionPeriod;
        }).ConfigureAwait(false);
        return new RegisterNamespaceResponse();
    }

    public Task<DescribeNamespaceResponse> DescribeAsync(DescribeNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0 && request.Id.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        if (request.Namespace.Length > 0 && request.Id.Length > 0)
        {
            throw Refusals.InvalidArgument("GetNamespace operation failed.  Both ID and Name specified in request.");
        }

        CheckUuid(request.Id);
        var entry = request.Namespace.Length > 0 ? registry.Find(request.Namespace) : registry.FindById(request.Id);
        return entry is null
            ? throw Refusals.NamespaceNotFound(request.Namespace.Length > 0 ? request.Namespace : request.Id)
            : Task.FromResult(Shown(entry));
    }

    /// <summary>By its length and then by its form, as the reference reads ids.</summary>
    /// <exception cref="RefusalException">UNKNOWN, as Temporal's server has it.</exception>
    private static void CheckUuid(string id)
    {
        const int plain = 36;
        if (id.Length is not (0 or plain))
        {
            throw new RefusalException(RefusalKind.Unknown, $"invalid UUID length: {id.Length}");
        }

        if (id.Length == plain && !Guid.TryParseExact(id, "D", out _))
        {
            throw new RefusalException(RefusalKind.Unknown, "invalid UUID format");
        }
    }

    public Task<ListNamespacesResponse> ListAsync(ListNamespacesRequest request, CallContext context)
    {
        var size = request.PageSize > 0 ? Math.Min(request.PageSize, int.MaxValue - 1) : Limits.NamespacePageSize;
        var after = NameOf(request.NextPageToken);
        var all = request.NamespaceFilter?.IncludeDeleted == true
            ? registry.Registered.Concat(registry.Removed).OrderBy(n => n.Ref.Name, StringComparer.Ordinal)
            : registry.Registered.Where(n => n.State != NamespaceState.Deleted);

        var page = all.Where(n => string.CompareOrdinal(n.Ref.Name, after) > 0).Take(size + 1).ToList();
        var response = new ListNamespacesResponse { Namespaces = { page.Take(size).Select(Shown) } };
        if (page.Count > size)
        {
            response.NextPageToken = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(page[size - 1].Ref.Name));
        }

        return Task.FromResult(response);
    }

    /// <summary>The name that a page ended with; empty for the first page.</summary>
    /// <exception cref="RefusalException">UNKNOWN, as Temporal's server has it: the token is none.</exception>
    private static string NameOf(ByteString token)
    {
        if (token.IsEmpty)
        {
            return "";
        }

        if (JsonComplaint.Of(token.Span) is { } complaint)
        {
            throw MaskedRefusal.Of(RefusalKind.Unknown, complaint);
        }

        using var json = JsonDocument.Parse(token.Memory);
        return json.RootElement.ValueKind == JsonValueKind.String ? json.RootElement.GetString()! : throw MaskedRefusal.Of(RefusalKind.Unknown, "json: no name");
    }

    public async Task<UpdateNamespaceResponse> UpdateAsync(UpdateNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        var entry = await registry.UpdateAsync(request.Namespace, description =>
        {
            Merge(description.NamespaceInfo, request.UpdateInfo);
            Merge(description.Config, request.Config, time.GetUtcNow());
            if (request.DeleteBadBinary.Length > 0 && !description.Config.BadBinaries.Binaries.Remove(request.DeleteBadBinary))
            {
                throw Refusals.InvalidArgument($"Bad binary checksum {request.DeleteBadBinary} doesn't exists.");
            }

            CheckReplication(description, request);
        }).ConfigureAwait(false);
        var shown = Shown(entry);
        return new UpdateNamespaceResponse
        {
            NamespaceInfo = shown.NamespaceInfo,
            Config = shown.Config,
            ReplicationConfig = shown.ReplicationConfig,
            FailoverVersion = shown.FailoverVersion,
            IsGlobalNamespace = shown.IsGlobalNamespace,
        };
    }

    public async Task<DeprecateNamespaceResponse> DeprecateAsync(DeprecateNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        await registry.UpdateAsync(request.Namespace, description => description.NamespaceInfo.State = NamespaceState.Deprecated).ConfigureAwait(false);
        return new DeprecateNamespaceResponse();
    }

    private static DescribeNamespaceResponse Shown(NamespaceEntry entry) => entry.Description.Clone();

    private static void CheckRetention(Duration? retention)
    {
        if (Durations.Fault(retention) is not null || Durations.ToSpan(retention) < Limits.NamespaceRetentionMinimum)
        {
            throw Refusals.InvalidArgument("A valid retention period is not set on request.");
        }
    }

    /// <summary>A namespace lives in this cluster and in no other.</summary>
    private static void CheckReplication(string active, IReadOnlyCollection<ClusterReplicationConfig> clusters)
    {
        foreach (var name in clusters.Select(cluster => cluster.ClusterName).Prepend(active).Where(name => name.Length > 0))
        {
            if (name != ServerIdentity.ClusterName)
            {
                throw Refusals.InvalidArgument($"Invalid cluster name: {name}");
            }
        }

        if (clusters.Count > 1)
        {
            throw Refusals.InvalidArgument("Invalid local namespace clusters");
        }
    }

    private static void CheckReplication(DescribeNamespaceResponse description, UpdateNamespaceRequest request)
    {
        if (request.ReplicationConfig is { } replication)
        {
            CheckReplication(replication.ActiveClusterName, replication.Clusters);
            if (replication.State == ReplicationState.Handover)
            {
                throw Refusals.InvalidArgument("Handover can only be set for global namespace");
            }
        }

        if (request.PromoteNamespace)
        {
            throw Refusals.InvalidArgument(
                "global namespace is not enabled on this cluster, cannot update global namespace or promote local namespace: "
                + description.NamespaceInfo.Name);
        }
    }

    private static void Merge(NamespaceInfo info, UpdateNamespaceInfo? update)
    {
        if (update is null)
        {
            return;
        }

        info.Description = update.Description.Length > 0 ? update.Description : info.Description;
        info.OwnerEmail = update.OwnerEmail.Length > 0 ? update.OwnerEmail : info.OwnerEmail;
        foreach (var (key, value) in update.Data)
        {
            info.Data[key] = value;
        }

        info.State = update.State switch
        {
            NamespaceState.Unspecified => info.State,
            _ when update.State == info.State => info.State,
            NamespaceState.Deprecated when info.State == NamespaceState.Registered => update.State,
            NamespaceState.Deleted => update.State,
            _ => throw Refusals.InvalidArgument("Invalid namespace state update."),
        };
    }

    private static void Merge(NamespaceConfig config, NamespaceConfig? update, DateTimeOffset now)
    {
        if (update is null)
        {
            return;
        }

        if (update.WorkflowExecutionRetentionTtl is { } retention)
        {
            CheckRetention(retention);
            config.WorkflowExecutionRetentionTtl = retention;
        }

        // Archival that a cluster isn't configured for is not refused; nothing comes of it.
        foreach (var (checksum, binary) in update.BadBinaries?.Binaries ?? [])
        {
            binary.CreateTime = Timestamp.FromDateTimeOffset(now);
            config.BadBinaries.Binaries[checksum] = binary;
        }

        if (config.BadBinaries.Binaries.Count > Limits.BadBinaries)
        {
            throw Refusals.InvalidArgument($"Total resetBinaries cannot exceed the max limit: {Limits.BadBinaries}");
        }
    }
}
