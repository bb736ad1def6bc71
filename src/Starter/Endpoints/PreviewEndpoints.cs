using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Starter.Security;
using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Changes;

namespace Onramp.Starter.Endpoints;

/// <summary>Services with environments and changes. A preview: it becomes v1 when everything else has moved.</summary>
internal static class PreviewEndpoints
{
    private const string Orders = "orders";

    public static void MapPreview(this IEndpointRouteBuilder routes)
    {
        var group = Group(routes, ApiPaths.Preview, "Services (preview)");
        group.MapPost("", OnboardAsync).WithName("previewOnboard").WithSummary("Ask for an environment of a service")
            .Refuses(Problems.Refused("exists", "orders is in development already; configure it."));
        group.MapPost("plans", PlanAsync).WithName("previewPlan").WithSummary("What asking for it would do; nothing is started");
        group.MapGet("", ListAsync).WithName("previewList").WithSummary("List services; the list is eventual");
        var service = group.MapGroup("{service}").Refuses(Problems.UnknownService(Orders));
        service.MapGet("", GetAsync).WithName("previewGet").WithSummary("A service as it stands");
        service.MapGet("changes", ChangesAsync).WithName("previewChanges").WithSummary("Its open changes, and the last that ended");
        service.MapPost("changes", ChangeAsync).WithName("previewChange").WithSummary("Configure, repair, offboard or restore")
            .Refuses(Problems.Refused("retiring", "orders in development is being retired; restore it first."));
        service.MapPost("plans", PlanChangeAsync).WithName("previewPlanChange").WithSummary("What a change would do; nothing is started");
        MapChange(service);
        var applying = Group(routes, ApiPaths.PreviewApplying, "Applying (preview)");
        applying.MapGet("", ApplyingAsync).WithName("previewApplying").WithSummary("Whether somebody holds all applying");
        applying.MapPost("", HoldAsync).WithName("previewHold").WithSummary("Hold all applying, or release it")
            .WithDescription("While applying is held, changes plan and are decided on, and none begins an action, forwards or backwards. What is under way is finished.")
            .Refuses(Problems.Refused("held", "ada holds all applying already: GitHub is down"));
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder routes, string path, string tag) =>
        routes.MapGroup(path).WithTags(tag).WithGroupName(ApiDocument.Preview).RequireAuthorization().Shows(CommonParameters.CorrelationId)
            .Refuses(Problems.Unauthorized(missing: true), Problems.Unauthorized(missing: false))
            .Refuses(Problems.TooManyRequests(waitSeconds: 1))
            .Refuses(Problems.Unavailable("The Temporal server does not answer; try again shortly."));

    private static void MapChange(RouteGroupBuilder service)
    {
        var change = service.MapGroup("changes/{changeId}").Refuses(Problems.UnknownChange("0f1e2d3c4b5a69788796"));
        change.MapGet("", GetChangeAsync).WithName("previewGetChange").WithSummary("Everything about one change");
        change.MapGet("events", EventsEndpoint.StreamChangeAsync).WithName("previewEvents").WithSummary("Follow the change (server-sent events)")
            .WithDescription("Tells everything from the beginning, or from Last-Event-ID on, and ends with an `end` event. Silence is filled with comments.")
            .RequireRateLimiting(RequestLimits.Streams)
            .Refuses(Problems.TooManyStreams())
            .Shows("id: 7\nevent: happened\ndata: {\"number\":7,\"at\":\"2026-11-27T09:00:00Z\",\"what\":\"namespace@environment:staging begins\",\"action\":\"namespace@environment:staging\"}\n\n");
        change.MapPost("decisions", DecideAsync).WithName("previewDecide").WithSummary("Approve or reject its plan")
            .Refuses(Problems.SelfApproval(), Problems.NotInGroup(["platform"]), Problems.OtherPlan(), Problems.DecisionIdReused("4711-grace"));
        change.MapPost("operations", OperateAsync).WithName("previewOperate").WithSummary("Cancel, retry, skip, abandon, pause or resume")
            .Refuses(Problems.Refused("state", "'namespace@environment:development' is not stuck"));
    }

    private static async Task<Accepted<ChangeAccepted>> OnboardAsync(
        JsonBody<OnboardBody> body, IdempotencyKey key, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        var accepted = await requests.RequestAsync(body.Value.Name.Trim(), PreviewBodies.Check(body.Value, by), by, key.Value, cancellationToken);
        return TypedResults.Accepted(accepted.Href, accepted);
    }

    private static async Task<Ok<ChangePlan>> PlanAsync(JsonBody<OnboardBody> body, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        return TypedResults.Ok(await requests.PlanAsync(body.Value.Name.Trim(), PreviewBodies.Check(body.Value, by), by, cancellationToken));
    }

    private static async Task<Ok<ChangePlan>> PlanChangeAsync(
        string service, JsonBody<ChangeBody> body, Caller caller, PreviewRequests requests, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        await reader.GetAsync(service, cancellationToken);
        return TypedResults.Ok(await requests.PlanAsync(service, PreviewBodies.Check(body.Value), PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static async Task<Ok<ApplyingView>> ApplyingAsync(PreviewHolds holds, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ApplyingView { Held = await holds.FindAsync(cancellationToken) });

    private static async Task<Ok<ApplyingView>> HoldAsync(JsonBody<HoldBody> body, Caller caller, PreviewHolds holds, CancellationToken cancellationToken) =>
        TypedResults.Ok(await holds.ApplyAsync(body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));

    private static async Task<Ok<PreviewPage>> ListAsync(PreviewReader reader, CancellationToken cancellationToken, string? team = null, string? pageToken = null)
    {
        if (team is not null)
            PreviewBodies.CheckService(team);
        return TypedResults.Ok(await reader.ListAsync(team, pageToken, cancellationToken));
    }

    private static async Task<Ok<PreviewService>> GetAsync(string service, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        return TypedResults.Ok(await reader.GetAsync(service, cancellationToken));
    }

    private static async Task<Ok<PreviewChanges>> ChangesAsync(string service, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        var known = await reader.GetAsync(service, cancellationToken);
        return TypedResults.Ok(new PreviewChanges(known.Open, known.Ended));
    }

    private static async Task<Accepted<ChangeAccepted>> ChangeAsync(
        string service, JsonBody<ChangeBody> body, IdempotencyKey key, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        var accepted = await requests.RequestAsync(service, PreviewBodies.Check(body.Value), by, key.Value, cancellationToken);
        return TypedResults.Accepted(accepted.Href, accepted);
    }

    private static async Task<Ok<ChangeView>> GetChangeAsync(string service, string changeId, PreviewReader reader, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await reader.GetChangeAsync(service, changeId, cancellationToken));
    }

    private static async Task<Ok<CommandAccepted>> DecideAsync(
        string service, string changeId, JsonBody<DecisionBody> body, Caller caller, PreviewCommands commands, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await commands.DecideAsync(service, changeId, body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static async Task<Ok<CommandAccepted>> OperateAsync(
        string service, string changeId, JsonBody<OperationBody> body, Caller caller, PreviewCommands commands, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await commands.OperateAsync(service, changeId, body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static void Check(string service, string changeId)
    {
        PreviewBodies.CheckService(service);
        PreviewBodies.CheckChange(changeId);
    }
}
