using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.OpenApi;

/// <summary>Examples in the API's description: one service, <c>orders</c> of <c>payments</c>, on its way.</summary>
internal static class Examples
{
    public const string Id = "orders-development";

    private const string RunId = "0198f6a2-5c1e-7d3b-9f00-3a1c5b7d9e21";
    private const string RequestId = "3f1c9a52-orders";
    private const string Digest = "9d5e3ad1b1f4c0a7c7d1e0f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6";

    private static readonly DateTimeOffset Asked = new(2026, 1, 15, 9, 30, 0, TimeSpan.Zero);

    public static readonly DocumentedRequest ShortRequest = new("short", new { name = "orders", team = "payments", environment = "development" });

    public static readonly DocumentedRequest Request = new("full", new ServiceRequest
    {
        RequestId = RequestId,
        Name = "orders",
        Description = "Takes orders",
        Team = "payments",
        Requester = "ada",
        Language = "go",
        Environment = Vocabulary.Development,
        Region = "uksouth",
        Dependencies = ["billing"],
        CostCenter = "cc-42",
        EntraGroupId = "7c1e0f2a-3b4c-4d5e-8f70-8192a3b4c5d6",
        Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@example.com" },
    });

    public static readonly DocumentedAnswer Accepted = new(new ServiceAccepted
    {
        Id = Id,
        RunId = RunId,
        RequestId = RequestId,
        Status = OnboardingStatus.Pending,
        Started = true,
        Href = $"{ApiPaths.Services}/{Id}",
        EventsHref = $"{ApiPaths.Services}/{Id}/events",
    });

    public static readonly DocumentedAnswer Page = new(new ServicePage
    {
        Items =
        [
            new ServiceSummary
            {
                Id = Id,
                RunId = RunId,
                RequestId = RequestId,
                Service = "orders",
                Team = "payments",
                Environment = Vocabulary.Development,
                Status = OnboardingStatus.Provisioning,
                Phase = OnboardingPhase.ProvisioningAzure,
                StartedAt = Asked,
            },
        ],
        NextPageToken = "eyJwYWdlIjoyfQ==",
    });

    public static readonly DocumentedAnswer View = new(ViewOf(OnboardingStatus.Provisioning, OnboardingPhase.CreatingRepository, "Repository", cancelRequested: false));

    public static readonly DocumentedAnswer CancelledView =
        new(ViewOf(OnboardingStatus.Provisioning, OnboardingPhase.Compensating, "Undoing what was made", cancelRequested: true));

    public static readonly DocumentedRequest Decision = new("approve", new ApprovalBody
    {
        Verdict = "approve",
        PlanDigest = Digest,
        Approver = "grace",
        Groups = ["platform"],
        DecisionId = "4711-grace",
        Comment = "Within budget",
    });

    public static readonly DocumentedAnswer Decided = new(new DecisionAccepted
    {
        Id = Id,
        DecisionId = "4711-grace",
        Outcome = DecisionOutcome.Accepted,
        State = ApprovalStates.Approved,
    });

    public static readonly DocumentedAnswer Events = new(
        $"event: phase\ndata: {{\"status\":\"provisioning\",\"phase\":\"CreatingRepository\",\"message\":\"Repository\"}}\nid: {RunId}:CreatingRepository:\n\n: still here\n\n");

    private static ServiceView ViewOf(OnboardingStatus status, OnboardingPhase phase, string message, bool cancelRequested) => new()
    {
        Id = Id,
        IsClosed = false,
        IsComplete = true,
        Progress = new OnboardingProgress
        {
            WorkflowId = OnboardingContract.WorkflowIdPrefix + Id,
            RunId = RunId,
            RequestId = RequestId,
            Service = "orders",
            Team = "payments",
            Environment = Vocabulary.Development,
            Requester = "ada",
            Status = status,
            Phase = phase,
            Message = message,
            StartedAt = Asked,
            CancelRequested = cancelRequested,
            Steps =
            [
                new StepProgress
                {
                    Id = StepIds.Repository,
                    Title = "Repository",
                    System = "github",
                    Phase = OnboardingPhase.CreatingRepository,
                    State = StepState.Succeeded,
                    Attempt = 1,
                    StartedAt = Asked.AddSeconds(2),
                    EndedAt = Asked.AddSeconds(5),
                    Link = "https://github.com/acme/orders",
                    Created = true,
                },
            ],
        },
    };
}
