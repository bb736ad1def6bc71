using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

public sealed class NamespaceTests
{
    [Fact]
    public async Task A_registered_namespace_is_described_by_name_and_by_id()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));

        var byName = await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = "mine" });
        var byId = await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Id = byName.NamespaceInfo.Id });

        byId.ShouldBe(byName);
        byName.NamespaceInfo.State.ShouldBe(NamespaceState.Registered);
        byName.NamespaceInfo.Description.ShouldBe("about it");
        byName.NamespaceInfo.Data["key"].ShouldBe("value");
        byName.Config.WorkflowExecutionRetentionTtl.ShouldBe(Days(3));
        byName.IsGlobalNamespace.ShouldBeFalse();
    }

    [Theory]
    [InlineData("nonsense", "invalid UUID length: 8")]
    [InlineData("0123456789-ab-4def-8123-456789abcdef", "invalid UUID format")]
    public async Task An_id_that_is_none_is_told_as_it_is_read(string id, string message)
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(new DescribeNamespaceRequest { Id = id });

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.Unknown, message));
    }

    [Fact]
    public async Task Default_is_there_at_boot_and_keeps_closed_workflows_for_a_day()
    {
        await using var server = await ServerFixture.StartAsync();

        var described = await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = "default" });

        described.Config.WorkflowExecutionRetentionTtl.ShouldBe(Days(1));
    }

    [Theory]
    [InlineData("mine", 3)]
    [InlineData("temporal-system", 3)]
    public async Task A_name_that_is_taken_is_refused(string name, int days)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        var request = Register(name);
        request.WorkflowExecutionRetentionPeriod = Days(days);

        var refusal = await server.RefusalAsync(request);

        refusal.Kind.ShouldBe(RefusalKind.AlreadyExists);
        refusal.Message.ShouldBe($"Namespace \"{name}\" already exists");
        refusal.Detail.ShouldBeOfType<NamespaceAlreadyExistsFailure>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3_599)]
    public async Task A_retention_below_an_hour_is_refused(int seconds)
    {
        await using var server = await ServerFixture.StartAsync();
        var request = Register("mine");
        request.WorkflowExecutionRetentionPeriod = new Duration { Seconds = seconds };

        (await server.RefusalAsync(request)).Message.ShouldBe("A valid retention period is not set on request.");
    }

    [Fact]
    public async Task An_update_merges_into_what_is_there()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));

        var updated = await server.CallAsync<UpdateNamespaceResponse>(new UpdateNamespaceRequest
        {
            Namespace = "mine",
            UpdateInfo = new UpdateNamespaceInfo { OwnerEmail = "new@example.com", Data = { ["other"] = "2" } },
            Config = new NamespaceConfig { WorkflowExecutionRetentionTtl = Days(5) },
        });

        updated.NamespaceInfo.Description.ShouldBe("about it");
        updated.NamespaceInfo.OwnerEmail.ShouldBe("new@example.com");
        updated.NamespaceInfo.Data.ShouldBe(new Dictionary<string, string> { ["key"] = "value", ["other"] = "2" }, ignoreOrder: true);
        updated.Config.WorkflowExecutionRetentionTtl.ShouldBe(Days(5));
    }

    [Fact]
    public async Task A_page_of_namespaces_may_be_as_large_as_can_be_asked_for()
    {
        await using var server = await ServerFixture.StartAsync();
        (await server.CallAsync<ListNamespacesResponse>(new ListNamespacesRequest { PageSize = int.MaxValue })).Namespaces.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Lists_come_page_by_page_without_doubles()
    {
        await using var server = await ServerFixture.StartAsync();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await server.CallAsync<RegisterNamespaceResponse>(Register(name));
        }

        var request = new ListNamespacesRequest { PageSize = 2 };
        var found = new List<string>();
        do
        {
            var page = await server.CallAsync<ListNamespacesResponse>(request);
            page.Namespaces.Count.ShouldBeLessThanOrEqualTo(2);
            found.AddRange(page.Namespaces.Select(n => n.NamespaceInfo.Name));
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty);

        found.ShouldBe(["a", "b", "c", "default", "temporal-system"]);
    }

    [Fact]
    public async Task A_deprecated_namespace_takes_no_new_workflows()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<DeprecateNamespaceResponse>(new DeprecateNamespaceRequest { Namespace = "default" });

        var refusal = await server.RefusalAsync(ServerFixture.StartRequest());

        refusal.Kind.ShouldBe(RefusalKind.FailedPrecondition);
        refusal.Detail.ShouldBeOfType<NamespaceInvalidStateFailure>().State.ShouldBe(NamespaceState.Deprecated);
    }

    [Fact]
    public async Task A_deprecated_namespace_takes_schedules_and_batch_operations_all_the_same()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<DeprecateNamespaceResponse>(new DeprecateNamespaceRequest { Namespace = "default" });

        await server.CallAsync<CreateScheduleResponse>(new CreateScheduleRequest { Namespace = "default", ScheduleId = "s", RequestId = "r" });
        await server.CallAsync<StartBatchOperationResponse>(new StartBatchOperationRequest
        {
            Namespace = "default", JobId = "b", Reason = "r", VisibilityQuery = "WorkflowId = 'none'", CancellationOperation = new(),
        });

        (await server.CallAsync<DescribeBatchOperationResponse>(new DescribeBatchOperationRequest { Namespace = "default", JobId = "b" })).JobId.ShouldBe("b");
    }

    [Fact]
    public async Task A_deleted_namespace_is_gone_and_its_name_is_free()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        var deleted = await server.CallAsync<DeleteNamespaceResponse>(new DeleteNamespaceRequest { Namespace = "mine" });

        deleted.DeletedNamespace.ShouldStartWith("mine-deleted-");
        (await server.RefusalAsync(new DescribeNamespaceRequest { Namespace = "mine" })).Message.ShouldBe("Namespace mine is not found.");
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
    }

    [Theory]
    [InlineData("WorkflowId", IndexedValueType.Keyword)]
    [InlineData("BuildIds", IndexedValueType.KeywordList)]
    [InlineData("Keyword10", IndexedValueType.Keyword)]
    [InlineData("Text03", IndexedValueType.Text)]
    public async Task The_older_call_for_search_attributes_tells_the_columns_of_custom_ones(string name, IndexedValueType type)
    {
        await using var server = await ServerFixture.StartAsync();

        var known = await server.CallAsync<GetSearchAttributesResponse>(new GetSearchAttributesRequest());

        (known.Keys.Count, known.Keys[name]).ShouldBe((61, type));
    }

    [Fact]
    public async Task A_column_of_custom_search_attributes_is_none_that_can_be_removed()
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(new RemoveSearchAttributesRequest { Namespace = "default", SearchAttributes = { "Int01" } });

        refusal.Message.ShouldBe("Unable to remove non-custom search attributes: Int01.");
    }

    [Fact]
    public async Task Nothing_of_a_deleted_namespace_is_kept_once_its_workflows_are_gone()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        await server.CallAsync<StartWorkflowExecutionResponse>(new StartWorkflowExecutionRequest(ServerFixture.StartRequest()) { Namespace = "mine" });
        var id = server.Store.ReadNamespaces().Single(row => row.Name == "mine").Id;

        await server.CallAsync<DeleteNamespaceResponse>(new DeleteNamespaceRequest { Namespace = "mine" });
        await server.RemovedAsync();

        server.Store.ReadNamespaces().ShouldNotContain(row => row.Id == id);
        server.Store.FindCurrentRunId(id, "wf").ShouldBeNull();
    }

    [Fact]
    public async Task There_may_be_so_many_namespaces_and_a_deleted_one_makes_room()
    {
        await using var server = await ServerFixture.StartAsync(mostNamespaces: 3);
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));

        (await server.RefusalAsync(Register("yours"))).Kind.ShouldBe(RefusalKind.ResourceExhausted);

        await server.CallAsync<DeleteNamespaceResponse>(new DeleteNamespaceRequest { Namespace = "mine" });
        await server.RemovedAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("yours"));
    }

    [Fact]
    public async Task So_much_may_be_said_of_a_namespace_also_bit_by_bit()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        UpdateNamespaceRequest More(string key) => new()
        {
            Namespace = "mine", UpdateInfo = new UpdateNamespaceInfo { Data = { [key] = new string('x', 40_000) } },
        };
        await server.CallAsync<UpdateNamespaceResponse>(More("a"));

        (await server.RefusalAsync(More("b"))).Kind.ShouldBe(RefusalKind.InvalidArgument);
        await server.CallAsync<UpdateNamespaceResponse>(More("a"));
    }

    [Fact]
    public async Task Search_attributes_are_added_listed_and_removed()
    {
        await using var server = await ServerFixture.StartAsync();
        var add = new AddSearchAttributesRequest { Namespace = "default", SearchAttributes = { ["Team"] = IndexedValueType.Keyword } };
        await server.CallAsync<AddSearchAttributesResponse>(add);
        await server.CallAsync<AddSearchAttributesResponse>(add);

        var listed = await server.CallAsync<ListSearchAttributesResponse>(new ListSearchAttributesRequest { Namespace = "default" });
        listed.CustomAttributes["Team"].ShouldBe(IndexedValueType.Keyword);
        listed.SystemAttributes["WorkflowId"].ShouldBe(IndexedValueType.Keyword);

        await server.CallAsync<RemoveSearchAttributesResponse>(new RemoveSearchAttributesRequest { Namespace = "default", SearchAttributes = { "Team" } });
        (await server.CallAsync<ListSearchAttributesResponse>(new ListSearchAttributesRequest { Namespace = "default" })).CustomAttributes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Closed_runs_are_removed_when_their_retention_has_passed_and_open_ones_stay()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StartWorkflowAsync("open");
        await server.StartWorkflowAsync("closed");
        await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowExecution = new WorkflowExecution { WorkflowId = "closed" },
        });

        server.Clock.Advance(TimeSpan.FromHours(23));
        await server.SweepAsync();
        await Describe(server, "closed");
        server.Clock.Advance(TimeSpan.FromHours(2));
        await server.SweepAsync();

        (await server.RefusalAsync(DescribeRequest("closed"))).Kind.ShouldBe(RefusalKind.NotFound);
        await Describe(server, "open");
    }

    [Fact]
    public async Task Retention_holds_in_every_division_of_a_namespace_and_passes_over_a_run_that_cannot_be_read()
    {
        await using var server = await ServerFixture.StartAsync(new HistoryEngineOptions { CacheBytes = 0 });
        foreach (var id in new[] { "broken", "hidden", "plain" })
        {
            await server.StartWorkflowAsync(id);
            await server.CallAsync<TerminateWorkflowExecutionResponse>(new TerminateWorkflowExecutionRequest
            {
                Namespace = "default",
                WorkflowExecution = new WorkflowExecution { WorkflowId = id },
            });
        }

        await RewriteAsync(server, "broken", (write, _) => write with { State = [0xff, 0xff] });
        await RewriteAsync(server, "hidden", (write, row) => write with { Visibility = row with { SearchAttributes = StoreRows.Attributes(("TemporalNamespaceDivision", "\"other\"")) } });
        var log = new LogLines();

        server.Clock.Advance(TimeSpan.FromHours(25));
        await server.SweepAsync(log);

        (await server.RefusalAsync(DescribeRequest("hidden"))).Kind.ShouldBe(RefusalKind.NotFound);
        (await server.RefusalAsync(DescribeRequest("plain"))).Kind.ShouldBe(RefusalKind.NotFound);
        log.Lines.ShouldHaveSingleItem().ShouldContain("of workflow broken in namespace default");
    }

    /// <summary>Writes a closed run once more.</summary>
    public static TheoryData<string, RefusalKind, IMessage> Refused => new()
    {
        { "Cannot register global namespace when not enabled", RefusalKind.InvalidArgument, Spoilt(r => r.IsGlobalNamespace = true) },
        { "Invalid cluster name: elsewhere", RefusalKind.InvalidArgument, Spoilt(r => r.ActiveClusterName = "elsewhere") },
        {
            "GetNamespace operation failed.  Both ID and Name specified in request.", RefusalKind.InvalidArgument,
            new DescribeNamespaceRequest { Namespace = "default", Id = "x" }
        },
        {
            "Invalid namespace state update.", RefusalKind.InvalidArgument,
            new UpdateNamespaceRequest { Namespace = "default", UpdateInfo = new UpdateNamespaceInfo { State = (NamespaceState)9 } }
        },
        {
            "global namespace is not enabled on this cluster, cannot update global namespace or promote local namespace: default", RefusalKind.InvalidArgument,
            new UpdateNamespaceRequest { Namespace = "default", PromoteNamespace = true }
        },
        { "Only one of namespace name or Id should be set on request.", RefusalKind.InvalidArgument, new DeleteNamespaceRequest { Namespace = "default", NamespaceId = "x" } },
        { "unable to delete system namespace", RefusalKind.FailedPrecondition, new DeleteNamespaceRequest { Namespace = "temporal-system" } },
        { "SearchAttributes are not set on request.", RefusalKind.InvalidArgument, new AddSearchAttributesRequest() },
        { "Namespace is not set on request.", RefusalKind.InvalidArgument, new RemoveSearchAttributesRequest { SearchAttributes = { "Any" } } },
        { "Namespace is not set on request.", RefusalKind.InvalidArgument, new ListSearchAttributesRequest() },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_namespaces_can_not_be_is_refused(string message, RefusalKind code, IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((code, message));
    }

    [Fact]
    public async Task A_deprecated_namespace_stays_so()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        await server.CallAsync<DeprecateNamespaceResponse>(new DeprecateNamespaceRequest { Namespace = "mine" });

        var refusal = await server.RefusalAsync(
            new UpdateNamespaceRequest { Namespace = "mine", UpdateInfo = new UpdateNamespaceInfo { State = NamespaceState.Registered } });

        refusal.Message.ShouldBe("Invalid namespace state update.");
    }

    [Fact]
    public async Task Archival_that_there_is_not_is_asked_for_in_vain()
    {
        await using var server = await ServerFixture.StartAsync();

        var updated = await server.CallAsync<UpdateNamespaceResponse>(new UpdateNamespaceRequest
        {
            Namespace = "default", Config = new NamespaceConfig { HistoryArchivalState = ArchivalState.Enabled },
        });

        updated.Config.HistoryArchivalState.ShouldBe(ArchivalState.Disabled);
    }

    [Fact]
    public async Task Ten_binaries_can_be_bad()
    {
        await using var server = await ServerFixture.StartAsync();
        var bad = new BadBinaries();
        bad.Binaries.Add(Enumerable.Range(1, 11).ToDictionary(number => $"{number}", _ => new BadBinaryInfo()));

        var refusal = await server.RefusalAsync(new UpdateNamespaceRequest { Namespace = "default", Config = new NamespaceConfig { BadBinaries = bad } });

        refusal.Message.ShouldBe("Total resetBinaries cannot exceed the max limit: 10");
    }

    private static RegisterNamespaceRequest Spoilt(Action<RegisterNamespaceRequest> spoil)
    {
        var request = Register("mine");
        spoil(request);
        return request;
    }

    private static async Task RewriteAsync(ServerFixture server, string workflowId, Func<ExecutionWrite, VisibilityRow, ExecutionWrite> change)
    {
        var ns = server.Store.ReadNamespaces().Single(row => row.Name == "default").Id;
        var key = new ExecutionKey(ns, workflowId, server.Store.FindCurrentRunId(ns, workflowId)!);
        var stored = server.Store.FindExecution(key)!;
        var visible = new VisibilityRow
        {
            WorkflowType = "type",
            TaskQueue = "queue",
            Status = stored.Status,
            StartTime = server.Clock.GetUtcNow(),
            ExecutionTime = server.Clock.GetUtcNow(),
            CloseTime = server.Clock.GetUtcNow(),
            RootWorkflowId = workflowId,
            RootRunId = key.RunId,
        };
        await server.Store.CommitAsync([change(new ExecutionWrite { Key = key, Status = stored.Status, State = stored.State }, visible)]);
    }

    private static Task<DescribeWorkflowExecutionResponse> Describe(ServerFixture server, string workflowId) =>
        server.CallAsync<DescribeWorkflowExecutionResponse>(DescribeRequest(workflowId));

    private static DescribeWorkflowExecutionRequest DescribeRequest(string workflowId) =>
        new() { Namespace = "default", Execution = new WorkflowExecution { WorkflowId = workflowId } };

    private static RegisterNamespaceRequest Register(string name) => new()
    {
        Namespace = name,
        Description = "about it",
        Data = { ["key"] = "value" },
        WorkflowExecutionRetentionPeriod = Days(3),
    };

    private static Duration Days(int days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));
}
