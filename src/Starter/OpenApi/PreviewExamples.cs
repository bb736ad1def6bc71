using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Starter.OpenApi;

/// <summary>Examples in the preview's description: <c>orders</c> of <c>payments</c>, of which staging is being asked for while development is there.</summary>
internal static class PreviewExamples
{
    public const string Service = "orders";
    public const string ChangeId = "0f1e2d3c4b5a69788796";

    private const string StagingNamespace = "namespace@environment:staging";
    private const string Digest = "9d5e3ad1b1f4c0a7c7d1e0f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6";

    private static readonly DateTimeOffset Asked = new(2026, 11, 27, 9, 0, 0, TimeSpan.Zero);
    private static readonly Principal Ada = new("ada", Principal.Token, ["payments"]);
    private static readonly Principal Grace = new("grace", Principal.Token, ["platform"]);

    public static readonly DocumentedRequest Onboard = new("onboard", new OnboardBody
    {
        Name = Service,
        Team = "payments",
        Environment = Vocabulary.Staging,
        Description = "Takes orders",
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["cost-center"] = "cc-42" },
    });

    public static readonly DocumentedRequest ShortOnboard = new("short", new { name = Service, team = "payments", environment = Vocabulary.Development });

    public static readonly DocumentedRequest[] Changes =
    [
        new("configure", new { kind = "configure", environment = Vocabulary.Staging, labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["cost-center"] = "cc-43" } }),
        new("configureShared", new { kind = "configure", visibility = "internal" }),
        new("repair", new { kind = "repair", environment = Vocabulary.Staging }),
        new("offboard", new { kind = "offboard", environment = Vocabulary.Staging }),
        new("restore", new { kind = "restore", environment = Vocabulary.Staging }),
    ];

    public static readonly DocumentedRequest[] Decisions =
    [
        new("approve", new { verdict = "approve", planDigest = Digest, comment = "Within budget", decisionId = "4711-grace" }),
        new("reject", new { verdict = "reject", planDigest = Digest, comment = "Not before the audit" }),
    ];

    public static readonly DocumentedRequest[] Operations =
    [
        new("cancel", new { verb = "cancel" }),
        new("retry", new { verb = OperatorCommand.Retry, action = StagingNamespace }),
        new("skip", new { verb = OperatorCommand.Skip, action = StagingNamespace }),
        new("abandon", new { verb = OperatorCommand.Abandon }),
        new("pause", new { verb = OperatorCommand.Pause }),
        new("resume", new { verb = OperatorCommand.Resume }),
    ];

    public static readonly DocumentedRequest[] Applying =
    [
        new("hold", new { verb = HoldBody.Hold, reason = "GitHub is down" }),
        new("release", new { verb = HoldBody.Release }),
    ];

    public static readonly DocumentedAnswer Accepted = new(new ChangeAccepted
    {
        Service = Service,
        ChangeId = ChangeId,
        Number = 2,
        State = "accepted",
        Href = $"{ApiPaths.Preview}/{Service}/changes/{ChangeId}",
    });

    public static readonly DocumentedAnswer Decided = new(new CommandAccepted { ChangeId = ChangeId, Outcome = "accepted" });

    public static readonly DocumentedAnswer Held = new(new ApplyingView { Held = new Hold { By = Ada, At = Asked, Reason = "GitHub is down" } });

    public static readonly DocumentedAnswer View = new(ViewOf());

    public static readonly DocumentedAnswer Plan = new(PlanOf());

    public static readonly DocumentedAnswer Whole = new(ServiceOf());

    public static readonly DocumentedAnswer Page = new(new PreviewPage { Items = [ServiceOf()], NextPageToken = "eyJwYWdlIjoyfQ==" });

    public static readonly DocumentedAnswer OpenAndEnded = new(new PreviewChanges(ServiceOf().Open, ServiceOf().Ended));

    public static readonly DocumentedAnswer Events = new(
        $"id: 7\nevent: happened\ndata: {{\"number\":7,\"at\":\"2026-11-27T09:00:07Z\",\"what\":\"{StagingNamespace} begins\",\"action\":\"{StagingNamespace}\",\"state\":\"running\"}}\n\n: still here\n\n");

    private static ServiceSpec Spec => new ServiceSpec { Name = Service, Team = "payments", Description = "Takes orders" }.With(Vocabulary.Development, new EnvironmentSpec());

    private static ChangeOrder Order => new() { Kind = ChangeKind.Onboard, Environment = Vocabulary.Staging, Team = "payments", Description = "Takes orders", Visibility = "private" };

    private static ChangePlan PlanOf() => new()
    {
        Actions =
        [
            new PlannedAction
            {
                Id = StagingNamespace,
                Kind = ActionKind.Create,
                Capability = "namespace",
                Title = "Namespace",
                System = "kubernetes",
                Scope = Scopes.Environment(Vocabulary.Staging),
                Name = "orders-staging",
                Reason = "it isn't there",
                Changes = [new FieldChange("label:cost-center", null, "cc-42")],
                Ensure = "namespace.ensure",
                Remove = "namespace.remove",
                AttemptTimeout = TimeSpan.FromSeconds(30),
                WaitLimit = TimeSpan.FromMinutes(10),
            },
        ],
        Digest = Digest,
        Scopes = [Scopes.Environment(Vocabulary.Staging)],
        Wanted = Spec.With(Vocabulary.Staging, new EnvironmentSpec()),
        Currency = "EUR",
        PricesVersion = "1",
        PlannerVersion = "1",
    };

    private static ChangeView ViewOf() => new()
    {
        ChangeId = ChangeId,
        Number = 2,
        Service = Service,
        Order = Order,
        AskedBy = Ada,
        AskedAt = Asked,
        Phase = ChangePhase.Applying,
        Message = "Applying 1 actions",
        Plan = PlanOf(),
        Approval = new ApprovalProgress { PlanDigest = Digest, State = ApprovalStates.Approved, RequestedAt = Asked.AddSeconds(1), DecidedAt = Asked.AddSeconds(6) },
        Actions = [new ActionView { Id = StagingNamespace, Kind = ActionKind.Create, Name = "orders-staging", State = ActionState.Running }],
        Events = [new ChangeEvent(7, Asked.AddSeconds(7), $"{StagingNamespace} begins") { Action = StagingNamespace, State = ActionState.Running }],
    };

    private static PreviewService ServiceOf() => new()
    {
        Name = Service,
        Team = "payments",
        Status = ServiceStatus.Changing,
        At = Asked.AddSeconds(2),
        Spec = Spec,
        Environments = new Dictionary<string, EnvironmentState>(StringComparer.Ordinal)
        {
            [Vocabulary.Development] = new() { Phase = EnvironmentPhase.Active },
            [Vocabulary.Staging] = new() { Phase = EnvironmentPhase.Onboarding },
        },
        Inventory =
        [
            new InventoryItem { Capability = "repository", Scope = Scopes.Component, Name = "acme/orders", Id = "4711", ChangeId = "a9b8c7d6e5f403122130", Link = "https://github.com/acme/orders" },
        ],
        Open = [new ChangeHead { ChangeId = ChangeId, Number = 2, Order = Order, AskedBy = Ada, AskedAt = Asked }],
        Ended =
        [
            new EndedChange
            {
                Change = new ChangeHead
                {
                    ChangeId = "a9b8c7d6e5f403122130",
                    Number = 1,
                    Order = Order with { Environment = Vocabulary.Development },
                    AskedBy = Ada,
                    AskedAt = Asked.AddDays(-1),
                },
                Outcome = ChangeOutcome.Completed,
                Message = "It is as it should be",
                PlanDigest = Digest,
                ApprovedBy = [Grace.Name],
                EndedAt = Asked.AddDays(-1).AddMinutes(1),
            },
        ],
    };
}
