using Google.Protobuf.Reflection;
using Onramp.EmbeddedServer.Batches;
using Temporalio.Api.Batch.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Batches;

/// <summary>What a batch operation says of activities is said again of each workflow.</summary>
public sealed class BatchActivityTests
{
    /// <summary>Naming no type means all, and a reset always counts attempts anew.</summary>
    private static readonly string[] Implied = ["match_all", "reset_attempts"];

    public static TheoryData<string> Operations => [.. Requests.Keys];

    private static Dictionary<string, (MessageDescriptor Operation, MessageDescriptor Request)> Requests { get; } = new()
    {
        ["unpause"] = (BatchOperationUnpauseActivities.Descriptor, UnpauseActivityRequest.Descriptor),
        ["reset"] = (BatchOperationResetActivities.Descriptor, ResetActivityRequest.Descriptor),
        ["update options"] = (BatchOperationUpdateActivityOptions.Descriptor, UpdateActivityOptionsRequest.Descriptor),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void All_that_an_operation_can_say_can_be_said_of_one_workflow(string operation)
    {
        var (said, request) = Requests[operation];

        said.Fields.InFieldNumberOrder().Where(field => !Implied.Contains(field.Name))
            .ShouldAllBe(field => request.FindFieldByName(field.Name).FieldType == field.FieldType);
    }

    [Fact]
    public void What_an_operation_leaves_open_stays_open()
    {
        var request = BatchActivities.Repeat(new BatchOperationResetActivities { Identity = "operator", KeepPaused = true }, new ResetActivityRequest());

        request.ShouldBe(new ResetActivityRequest { Identity = "operator", KeepPaused = true });
    }
}
