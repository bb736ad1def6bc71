using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>Approvals as people meet them: by signal, on timers, bound to a plan.</summary>
public sealed class ApprovalFlowTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    private static readonly ServiceRequest Production = Requests.Orders with { Environment = Vocabulary.Production };

    [Fact]
    public async Task Production_waits_for_two_people_and_then_goes_on()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Production);
            var waiting = await WaitingAsync(handle);
            waiting.Status.ShouldBe(OnboardingStatus.Pending);
            waiting.Approval!.Requirement.Groups.ShouldBe([new GroupApproval("platform", 1), new GroupApproval("payments", 1)]);
            systems.Log.ShouldBeEmpty();

            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "grace", "platform")));
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "grace", "platform")));
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "ada", "payments")));
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "linus", "payments")));

            var progress = await handle.GetResultAsync();
            progress.Status.ShouldBe(OnboardingStatus.Completed);
            progress.Approval!.State.ShouldBe(ApprovalStates.Approved);
            progress.Approval.Decisions.Select(d => d.Outcome).ShouldBe(
                [DecisionOutcome.Accepted, DecisionOutcome.IgnoredDuplicate, DecisionOutcome.IgnoredRequester, DecisionOutcome.Accepted]);
        });
    }

    [Fact]
    public async Task Those_who_are_to_decide_are_told_where_they_are_with_plan_cost_and_link()
    {
        var systems = new FakeSystems();
        systems.Platform = systems.Platform with
        {
            Approvals = systems.Platform.Approvals with
            {
                GroupContacts = new Dictionary<string, GroupContact> { ["platform"] = new() { Channel = "#platform-approvals", Email = "platform@acme.test" } },
                DecisionUrl = "https://onramp.test/plans/{id}",
            },
        };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Production with { Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@acme.test" } });
            var waiting = await WaitingAsync(handle);
            var plan = waiting.Plan!;
            var rejection = Approve(waiting, "grace", "platform") with { Verdict = ApprovalVerdict.Reject };
            await handle.SignalAsync(w => w.DecideAsync(rejection));
            await Record.ExceptionAsync(() => handle.GetResultAsync());

            var asked = systems.Notifications.First();
            asked.Channels.ShouldBe(["#platform-approvals", "#payments"]);
            asked.Emails.ShouldBe(["platform@acme.test", "payments@acme.test"]);
            asked.Links.ShouldBe([new OnboardingLink("Look at the plan and decide", "https://onramp.test/plans/orders-production")]);
            asked.Text.ShouldContain($"{plan.Cost.MonthlyTotal:0.##} USD");
            plan.Resources.ShouldAllBe(r => asked.Text.Contains($"{r.System}: {r.Kind} {r.Name}"));
        });
    }

    [Fact]
    public async Task The_requesters_channel_is_not_asked_to_approve_for_another_group()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var staging = Requests.Orders with { Environment = Vocabulary.Staging, Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@acme.test" } };
            var handle = await run.StartAsync(staging);
            var waiting = await WaitingAsync(handle);
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "grace", "platform")));
            await handle.GetResultAsync();

            var asked = systems.Notifications.First();
            (string.Join(',', asked.Channels), asked.Emails.Count, asked.Channel, asked.Email).ShouldBe(("", 0, "", ""));
        });
    }

    [Theory]
    [InlineData("#payments", 0)]
    [InlineData("#alerts", 1)]
    public async Task A_channel_that_the_platforms_chat_can_not_write_to_is_said_before_anything_is_made(string channel, int warnings)
    {
        var systems = new FakeSystems();
        systems.Platform = systems.Platform with { Notifications = new NotificationProfile { ChatChannels = ["#payments"] } };
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Production with { Notifications = new NotificationRequest { Channel = channel } });

            var waiting = await WaitingAsync(handle);

            waiting.Warnings.Count(w => w.Contains($"notifications.channel {channel}")).ShouldBe(warnings);
            await handle.TerminateAsync();
        });
    }

    [Fact]
    public async Task A_rejection_ends_the_run_before_anything_is_made()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Production);
            var waiting = await WaitingAsync(handle);

            var rejection = Approve(waiting, "linus", "payments") with { Verdict = ApprovalVerdict.Reject, Comment = "not in the freeze" };
            await handle.SignalAsync(w => w.DecideAsync(rejection));

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.Rejected);
            var progress = await handle.QueryAsync(w => w.Progress());
            progress.Phase.ShouldBe(OnboardingPhase.Rejected);
            progress.Message.ShouldContain("not in the freeze");
            progress.Retryable.ShouldBe(false);
            systems.Log.ShouldBeEmpty();
            systems.Notifications.Select(n => n.Kind).ShouldBe([NotificationKinds.ApprovalRequested, NotificationKinds.NotApproved]);
        });
    }

    [Fact]
    public async Task An_approval_of_another_plan_does_not_count()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Environment = Vocabulary.Staging });
            var waiting = await WaitingAsync(handle);
            var stale = Approve(waiting, "grace", "platform") with { PlanDigest = new string('0', 64) };

            await handle.SignalAsync(w => w.DecideAsync(stale));

            var after = await OnboardingCase.UntilAsync(handle, p => p.Approval!.Decisions.Count == 1);
            after.Phase.ShouldBe(OnboardingPhase.AwaitingApproval);
            after.Approval!.Decisions[0].Outcome.ShouldBe(DecisionOutcome.IgnoredOtherPlan);
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "grace", "platform")));
            (await handle.GetResultAsync()).Status.ShouldBe(OnboardingStatus.Completed);
        });
    }

    [Fact]
    public async Task An_approval_that_comes_before_the_run_waits_is_kept()
    {
        var systems = new FakeSystems();
        var request = Requests.Orders with { Environment = Vocabulary.Staging };
        var names = Workflows.Planning.NameDeriver.Derive(request, systems.Platform);
        var digest = Planner.Plan(request, names, systems.Platform).Digest;
        await environment.WithWorkerAsync(systems, async run =>
        {
            var decision = new ApprovalDecision { Approver = "grace", Groups = ["platform"], Verdict = ApprovalVerdict.Approve, PlanDigest = digest };
            var handle = await run.StartAsync(request, w => w.DecideAsync(decision));

            var progress = await handle.GetResultAsync();

            progress.Approval!.Decisions.ShouldHaveSingleItem().Outcome.ShouldBe(DecisionOutcome.Accepted);
        });
    }

    [Fact]
    public async Task A_decision_after_the_end_of_waiting_is_late()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var systems = new FakeSystems().OnDo(StepIds.Namespace, async _ =>
        {
            begun.TrySetResult();
            await goOn.Task;
            return null;
        });
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Environment = Vocabulary.Staging });
            var waiting = await WaitingAsync(handle);
            await handle.SignalAsync(w => w.DecideAsync(Approve(waiting, "grace", "platform")));
            await begun.Task;

            var late = Approve(waiting, "linus", "platform") with { Verdict = ApprovalVerdict.Reject };
            await handle.SignalAsync(w => w.DecideAsync(late));
            await OnboardingCase.UntilAsync(handle, p => p.Approval!.Decisions.Count == 2);
            goOn.SetResult();

            var progress = await handle.GetResultAsync();
            progress.Approval!.Decisions[^1].Outcome.ShouldBe(DecisionOutcome.IgnoredLate);
            progress.Status.ShouldBe(OnboardingStatus.Completed);
        });
    }

    [Fact]
    public async Task Cancelling_while_it_waits_makes_nothing()
    {
        var systems = new FakeSystems();
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Production);
            await WaitingAsync(handle);

            await handle.CancelAsync();

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failure.InnerException.ShouldBeOfType<CanceledFailureException>();
            systems.Log.ShouldBeEmpty();
            (await handle.QueryAsync(w => w.Progress())).Phase.ShouldBe(OnboardingPhase.Cancelled);
        });
    }

    [Fact]
    public async Task Cancelling_while_it_waits_closes_the_approval_and_its_step()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Production);
            await WaitingAsync(handle);

            await handle.CancelAsync();

            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            var progress = await handle.QueryAsync(w => w.Progress());
            (progress.Approval!.State, progress.Steps.Single(s => s.Id == StepIds.Approval).State).ShouldBe((ApprovalStates.Closed, StepState.Cancelled));
        });
    }

    [Fact]
    public async Task The_id_of_another_person_s_decision_does_not_count_again()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Production);
            var waiting = await WaitingAsync(handle);
            foreach (var (approver, group) in new[] { ("grace", "platform"), ("linus", "payments") })
            {
                var decision = new ApprovalDecision { DecisionId = "1", Approver = approver, Groups = [group], PlanDigest = waiting.Plan!.Digest };
                await handle.SignalAsync(w => w.DecideAsync(decision));
            }

            var progress = await OnboardingCase.UntilAsync(handle, p => p.Approval!.Decisions.Count == 2);

            (progress.Approval!.State, progress.Approval.Decisions[1].Outcome).ShouldBe((ApprovalStates.Waiting, DecisionOutcome.IgnoredIdReused));
            (await new WorkflowReplayer(new WorkflowReplayerOptions().AddWorkflow<OnboardServiceWorkflow>()).ReplayWorkflowAsync(await handle.FetchHistoryAsync())).ReplayFailure.ShouldBeNull();
        });
    }

    [Fact]
    public async Task A_name_that_a_system_refuses_is_refused_by_the_workflow_too()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Requests.Orders with { Name = "windows-agent" });

            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.Validation);
        });
    }

    private static Task<OnboardingProgress> WaitingAsync(WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress> handle) =>
        OnboardingCase.UntilAsync(handle, p => p.Phase == OnboardingPhase.AwaitingApproval);

    private static ApprovalDecision Approve(OnboardingProgress waiting, string approver, string group) =>
        new() { Approver = approver, Groups = [group], Verdict = ApprovalVerdict.Approve, PlanDigest = waiting.Approval!.PlanDigest };
}
