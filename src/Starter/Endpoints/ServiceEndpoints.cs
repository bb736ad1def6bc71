using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Starter.Security;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Endpoints;

/// <summary>Ask for services, look at them, decide on them, call them off.</summary>
internal static partial class ServiceEndpoints
{
    public static void MapServices(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ApiPaths.Services).WithTags("Services").RequireAuthorization().Shows(CommonParameters.CorrelationId)
            .Refuses(Problems.Unauthorized(missing: true), Problems.Unauthorized(missing: false))
            .Refuses(Problems.TooManyRequests(waitSeconds: 1))
            .Refuses(Problems.Unavailable("The Temporal server does not answer; try again shortly."));
        group.MapPost("", RequestAsync).WithName("requestService").WithSummary("Ask for a service")
            .WithDescription("Starts the onboarding and answers at once. The same request again is the same run; a different one for the same service and environment is refused.")
            .Refuses(Problems.Invalid("environment", "oneOf", $"environment must be one of {string.Join(", ", Vocabulary.Environments)}"))
            .Refuses(Problems.ServiceInFlight(Examples.Id), Problems.ServiceExists(Examples.Id))
            .Shows(Examples.Request, Examples.ShortRequest, Examples.Accepted);
        group.MapGet("", ListAsync).WithName("listServices").WithSummary("List services by team, environment and state")
            .WithDescription("Newest first. The list is eventual: a run may take a moment to appear in it.")
            .Shows(Examples.Page);
        MapService(group.MapGroup("{id}").Refuses(Problems.UnknownService(Examples.Id)).Shows(CommonParameters.ServiceId));
    }

    private static void MapService(RouteGroupBuilder service)
    {
        service.MapGet("", GetAsync).WithName("getService").WithSummary("Everything about one service's onboarding")
            .Shows(Examples.View);
        service.MapPost("approvals", DecideAsync).WithName("decide").WithSummary("Approve or reject the plan")
            .WithDescription("Takes the decision of one person on the plan with this digest. The workflow judges it; what it would ignore is refused.")
            .Refuses(Problems.Invalid("verdict", "oneOf", "verdict must be approve or reject"))
            .Refuses(Problems.SelfApproval(), Problems.NotInGroup(["platform"]))
            .Refuses(Problems.NotAwaitingApproval(Examples.Id, "approved"), Problems.OtherPlan())
            .Refuses(Problems.DecisionIdReused("4711-grace"))
            .Shows(Examples.Decision, Examples.Decided);
        service.MapDelete("", CancelAsync).WithName("cancelService").WithSummary("Cancel while in flight; what was made is undone")
            .Refuses(Problems.NotInFlight(Examples.Id, "has ended already (Completed)"))
            .Shows(Examples.CancelledView);
        service.MapGet("events", EventsEndpoint.StreamAsync).WithName("followService").WithSummary("Follow the run (server-sent events)")
            .WithDescription("Tells everything from the beginning, or from Last-Event-ID on, and ends with an `end` event. Silence is filled with comments.")
            .RequireRateLimiting(RequestLimits.Streams)
            .Refuses(Problems.TooManyStreams())
            .Shows(Examples.Events);
    }

    private static async Task<Results<Accepted<ServiceAccepted>, ProblemHttpResult>> RequestAsync(
        JsonBody<ServiceRequest> body, IdempotencyKey key, Caller caller, HttpContext context, ServiceRequests requests)
    {
        if (caller.IsAuthenticated && body.Value.Requester.Length > 0 && !string.Equals(body.Value.Requester, caller.Name, StringComparison.OrdinalIgnoreCase))
            return Problems.Invalid("requester", "token", "requester must be left out or be the token's own login").ToResult();
        var result = ServiceRequestValidator.Validate(Completed(body.Value, caller, key.Value));
        if (!result.IsValid)
            return Problems.Invalid(result.Errors).ToResult();
        var accepted = await requests.RequestAsync(
            result.Request, new RequestContext(caller.Name, key.Value, CorrelationId.Of(context)), context.RequestAborted);
        return TypedResults.Accepted(accepted.Href, accepted);
    }

    private static async Task<Results<Ok<ServicePage>, ProblemHttpResult>> ListAsync(ListQuery query, ServiceReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(await reader.ListAsync(query.Visibility, query.PageSize, query.PageToken, cancellationToken));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.InvalidArgument && query.PageToken is not null)
        {
            return Problems.Invalid(PageTokens.NotIssued).ToResult();
        }
    }

    private static async Task<Ok<ServiceView>> GetAsync(string id, RunIdQuery run, ServiceReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(await reader.GetAsync(id, run.Value, cancellationToken));

    private static async Task<Ok<DecisionAccepted>> DecideAsync(
        string id, JsonBody<ApprovalBody> body, Caller caller, Approvals approvals, CancellationToken cancellationToken) =>
        TypedResults.Ok(await approvals.DecideAsync(id, body.Value, caller, cancellationToken));

    private static async Task<Results<Accepted<ServiceView>, ProblemHttpResult>> CancelAsync(
        string id, ServiceReader reader, ITemporalClient client, CancellationToken cancellationToken)
    {
        var view = await reader.GetAsync(id, runId: null, cancellationToken);
        if (view.IsClosed)
            return Problems.NotInFlight(id, $"has ended already ({view.Progress.Phase})").ToResult();
        try
        {
            await client.GetWorkflowHandle(ServiceIds.ToWorkflowId(id), view.Progress.RunId)
                .CancelAsync(new WorkflowCancelOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return Problems.NotInFlight(id, "has just ended").ToResult();
        }
        return TypedResults.Accepted($"{ApiPaths.Services}/{id}", await reader.GetAsync(id, view.Progress.RunId, cancellationToken));
    }

    /// <summary>The request with what its caller may leave out: who asks, and its id.</summary>
    private static ServiceRequest Completed(ServiceRequest body, Caller caller, string? key) => body with
    {
        Requester = caller.IsAuthenticated || body.Requester.Length == 0 ? caller.Name : body.Requester,
        RequestId = body.RequestId.Length > 0 ? body.RequestId : key is not null && RequestIdPattern().IsMatch(key) ? key : Guid.NewGuid().ToString("n"),
    };

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RequestIdPattern();
}
