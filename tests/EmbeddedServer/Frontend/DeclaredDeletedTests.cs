using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Frontend;

/// <summary>A namespace that was declared deleted is there still, and of little use.</summary>
public sealed class DeclaredDeletedTests
{
    public static TheoryData<IMessage> ToAnyNamespace =>
    [
        new UpdateNamespaceRequest { Namespace = "mine", UpdateInfo = new UpdateNamespaceInfo { State = NamespaceState.Registered } },
        new DeprecateNamespaceRequest { Namespace = "mine" },
        new ListWorkflowExecutionsRequest { Namespace = "mine" },
        new AddSearchAttributesRequest { Namespace = "mine", SearchAttributes = { ["Team"] = IndexedValueType.Keyword } },
    ];

    [Theory]
    [MemberData(nameof(ToAnyNamespace))]
    public async Task Nothing_but_its_removal_is_asked_of_a_namespace_that_was_declared_deleted(IMessage request)
    {
        await using var server = await ServerFixture.StartAsync();
        await DeclareDeletedAsync(server);

        var refusal = await server.RefusalAsync(request);

        (refusal.Kind, refusal.Message).ShouldBe((RefusalKind.FailedPrecondition, "Namespace has invalid state: Deleted. Must be Registered or Deprecated."));
        refusal.Detail.ShouldBe(new NamespaceInvalidStateFailure
        {
            Namespace = "mine", State = NamespaceState.Deleted, AllowedStates = { NamespaceState.Registered, NamespaceState.Deprecated },
        });
    }

    [Fact]
    public async Task A_namespace_that_was_declared_deleted_takes_no_new_workflows()
    {
        await using var server = await ServerFixture.StartAsync();
        await DeclareDeletedAsync(server);

        var refusal = await server.RefusalAsync(new StartWorkflowExecutionRequest(ServerFixture.StartRequest()) { Namespace = "mine" });

        refusal.Message.ShouldBe("Namespace has invalid state: Deleted. Must be Registered.");
    }

    [Fact]
    public async Task A_namespace_that_was_declared_deleted_keeps_its_name_until_it_is_removed()
    {
        await using var server = await ServerFixture.StartAsync();
        await DeclareDeletedAsync(server);

        (await server.CallAsync<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = "mine" })).NamespaceInfo.State.ShouldBe(NamespaceState.Deleted);
        (await server.RefusalAsync(Register("mine"))).Kind.ShouldBe(RefusalKind.AlreadyExists);
        await server.CallAsync<DeleteNamespaceResponse>(new DeleteNamespaceRequest { Namespace = "mine" });
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
    }

    [Theory]
    [InlineData(false, "default", "temporal-system")]
    [InlineData(true, "default", "mine", "temporal-system")]
    public async Task A_list_has_a_namespace_that_was_declared_deleted_only_if_it_is_asked_for(bool includeDeleted, params string[] names)
    {
        await using var server = await ServerFixture.StartAsync();
        await DeclareDeletedAsync(server);

        var list = await server.CallAsync<ListNamespacesResponse>(new ListNamespacesRequest { NamespaceFilter = new() { IncludeDeleted = includeDeleted } });

        list.Namespaces.Select(n => n.NamespaceInfo.Name).ShouldBe(names);
    }

    private static async Task DeclareDeletedAsync(ServerFixture server)
    {
        await server.CallAsync<RegisterNamespaceResponse>(Register("mine"));
        await server.CallAsync<UpdateNamespaceResponse>(
            new UpdateNamespaceRequest { Namespace = "mine", UpdateInfo = new UpdateNamespaceInfo { State = NamespaceState.Deleted } });
    }

    private static RegisterNamespaceRequest Register(string name) =>
        new() { Namespace = name, WorkflowExecutionRetentionPeriod = Duration.FromTimeSpan(TimeSpan.FromDays(3)) };
}
