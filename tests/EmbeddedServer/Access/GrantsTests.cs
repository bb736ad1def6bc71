using Google.Protobuf;
using Onramp.EmbeddedServer.Access;
using Temporalio.Api.Command.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using OperatorReflection = Temporalio.Api.OperatorService.V1.ServiceReflection;
using WorkflowReflection = Temporalio.Api.WorkflowService.V1.ServiceReflection;

namespace Onramp.EmbeddedServer.Tests.Access;

public sealed class GrantsTests
{
    [Fact]
    public void The_higher_of_two_permissions_holds_and_that_of_everywhere_holds_in_each_namespace()
    {
        var grants = Grants.Parse(["*:read", "payments:admin", "payments:write", "orders:read"]);

        new[] { grants.In("payments"), grants.In("orders"), grants.In("other"), grants.Everywhere }
            .ShouldBe([Role.Admin, Role.Reader, Role.Reader, Role.Reader]);
    }

    [Fact]
    public void Temporals_name_for_the_server_itself_stands_for_everywhere() => Grants.Parse(["temporal-system:admin"]).In("orders").ShouldBe(Role.Admin);

    [Theory]
    [InlineData("orders")]
    [InlineData("orders:owner")]
    [InlineData(":read")]
    [InlineData("orders:")]
    [InlineData("orders:Read")]
    public void What_is_no_permission_is_refused_and_named(string permission) =>
        Should.Throw<FormatException>(() => Grants.Parse([permission])).Message.ShouldContain($"'{permission}'");

    [Fact]
    public void No_permission_is_refused() => Should.Throw<FormatException>(() => Grants.Parse([]));

    [Theory]
    [InlineData(Role.Reader, new[] { "DescribeWorkflowExecution", "QueryWorkflow", "PollWorkflowExecutionUpdate", "ListWorkflowExecutions", "ListSearchAttributes" })]
    [InlineData(Role.Writer, new[] { "StartWorkflowExecution", "PollWorkflowTaskQueue", "UpdateWorkflowExecution", "DeleteSchedule", "DeleteWorkflowExecution", "ShutdownWorker" })]
    [InlineData(Role.Admin, new[] { "RegisterNamespace", "UpdateNamespace", "DeleteNamespace", "AddSearchAttributes", "CreateNexusEndpoint" })]
    [InlineData(Role.None, new[] { "GetSystemInfo" })]
    public void A_call_needs_the_role_of_what_it_does(Role role, string[] calls) => calls.Select(RoleFor).ShouldAllBe(needed => needed == role);

    [Fact]
    public void Every_call_that_only_a_reader_may_make_changes_nothing_by_its_name()
    {
        string[] changing = ["Start", "Signal", "Update", "Delete", "Create", "Set", "Reset", "Pause", "Respond", "Record", "Request", "Terminate", "Patch", "Register", "Add", "Remove", "Trigger"];

        Methods().Where(method => CallAccess.RoleFor(method) <= Role.Reader).Select(method => method.Name)
            .ShouldAllBe(name => !changing.Any(verb => name.StartsWith(verb, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_belongs_to_no_namespace_needs_the_role_everywhere()
    {
        var grants = Grants.Parse(["orders:admin"]);

        Allows(grants, "ListNamespaces", new ListNamespacesRequest()).ShouldBeFalse();
    }

    [Fact]
    public void A_workers_command_into_another_namespace_needs_the_role_there()
    {
        var completed = new RespondWorkflowTaskCompletedRequest { Namespace = "orders" };
#pragma warning disable CS0612 // Marked obsolete by Temporal, which still takes it.
        completed.Commands.Add(new Command
        {
            StartChildWorkflowExecutionCommandAttributes = new StartChildWorkflowExecutionCommandAttributes { Namespace = "payments" },
        });
#pragma warning restore CS0612

        new[] { "orders:write", "*:write" }.Select(permission => Allows(Grants.Parse([permission]), "RespondWorkflowTaskCompleted", completed))
            .ShouldBe([false, true]);
    }

    [Fact]
    public void An_update_with_start_needs_the_role_in_the_namespace_of_each_part()
    {
        var several = new ExecuteMultiOperationRequest { Namespace = "orders" };
        several.Operations.Add(new ExecuteMultiOperationRequest.Types.Operation { StartWorkflow = new StartWorkflowExecutionRequest { Namespace = "payments" } });

        Allows(Grants.Parse(["orders:write"]), "ExecuteMultiOperation", several).ShouldBeFalse();
    }

    [Fact]
    public void Search_attributes_of_a_namespace_are_its_administrators_to_add() =>
        Allows(Grants.Parse(["orders:admin"]), "AddSearchAttributes", new AddSearchAttributesRequest { Namespace = "orders" }).ShouldBeTrue();

    [Fact]
    public void A_key_is_never_written_out() => $"{new ApiKey("very-secret")}".ShouldNotContain("very-secret");

    private static bool Allows(Grants grants, string method, IMessage request) => CallAccess.Allows(grants, Method(method), request);

    private static Role RoleFor(string method) => CallAccess.RoleFor(Method(method));

    private static Google.Protobuf.Reflection.MethodDescriptor Method(string name) => Methods().First(method => method.Name == name);

    private static IEnumerable<Google.Protobuf.Reflection.MethodDescriptor> Methods() =>
        WorkflowReflection.Descriptor.Services.Concat(OperatorReflection.Descriptor.Services).SelectMany(service => service.Methods);
}
