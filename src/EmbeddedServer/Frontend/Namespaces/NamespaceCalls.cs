using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Frontend.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>Register, describe, list, update and deprecate namespaces.</summary>
internal sealed class NamespaceCalls(NamespaceRegistry registry)
{
    public async Task<RegisterNamespaceResponse> RegisterAsync(RegisterNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        if (Require.IsTooLong(request.Namespace))
        {
            throw Refusals.InvalidArgument("Namespace length exceeds limit.");
        }

        CheckRetention(request.WorkflowExecutionRetentionPeriod);
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

        var entry = request.Namespace.Length > 0 ? registry.Find(request.Namespace) : registry.FindById(request.Id);
        return entry is null
            ? throw Refusals.NamespaceNotFound(request.Namespace.Length > 0 ? request.Namespace : request.Id)
            : Task.FromResult(Shown(entry));
    }

    public Task<ListNamespacesResponse> ListAsync(ListNamespacesRequest request, CallContext context)
    {
        var size = request.PageSize > 0 ? request.PageSize : Limits.NamespacePageSize;
        var after = request.NextPageToken.ToString(Encoding.UTF8);
        IEnumerable<NamespaceEntry> all = registry.Registered;
        if (request.NamespaceFilter?.IncludeDeleted == true)
        {
            all = all.Concat(registry.Deleted).OrderBy(n => n.Ref.Name, StringComparer.Ordinal);
        }

        var page = all.Where(n => string.CompareOrdinal(n.Ref.Name, after) > 0).Take(size + 1).ToList();
        var response = new ListNamespacesResponse { Namespaces = { page.Take(size).Select(Shown) } };
        if (page.Count > size)
        {
            response.NextPageToken = ByteString.CopyFromUtf8(page[size - 1].Ref.Name);
        }

        return Task.FromResult(response);
    }

    public async Task<UpdateNamespaceResponse> UpdateAsync(UpdateNamespaceRequest request, CallContext context)
    {
        if (request.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace not set on request.");
        }

        if (request.Config?.WorkflowExecutionRetentionTtl is { } retention)
        {
            CheckRetention(retention);
        }

        if (request.PromoteNamespace)
        {
            throw Refusals.InvalidArgument("a namespace of a single cluster can't be promoted");
        }

        var entry = await registry.UpdateAsync(request.Namespace, description =>
        {
            Merge(description.NamespaceInfo, request.UpdateInfo);
            Merge(description.Config, request.Config);
            if (request.DeleteBadBinary.Length > 0 && !description.Config.BadBinaries.Binaries.Remove(request.DeleteBadBinary))
            {
                throw Refusals.InvalidArgument($"Bad binary checksum {request.DeleteBadBinary} doesn't exists.");
            }
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
            NamespaceState.Registered or NamespaceState.Deprecated => update.State,
            _ => throw Refusals.InvalidArgument(string.Create(CultureInfo.InvariantCulture, $"a namespace can't be updated to state {update.State}")),
        };
    }

    private static void Merge(NamespaceConfig config, NamespaceConfig? update)
    {
        if (update is null)
        {
            return;
        }

        config.WorkflowExecutionRetentionTtl = update.WorkflowExecutionRetentionTtl ?? config.WorkflowExecutionRetentionTtl;
        if (update.HistoryArchivalState == ArchivalState.Enabled || update.VisibilityArchivalState == ArchivalState.Enabled)
        {
            throw Refusals.InvalidArgument("archival is not configured on this cluster");
        }

        foreach (var (checksum, binary) in update.BadBinaries?.Binaries ?? [])
        {
            config.BadBinaries.Binaries[checksum] = binary;
        }
    }
}
