using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.History.Support;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>The search attribute that says which builds a run's tasks were completed by.</summary>
public sealed class BuildIdTests
{
    private const string Attribute = "BuildIds";

    [Fact]
    public async Task A_list_shows_what_a_description_shows()
    {
        var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
        await using var world = World.Create(store);
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), By("1.0"));

        var listed = new SqliteVisibility(store).List(World.Namespace.Id, World.Namespace.Name, "", 0, ByteString.Empty).Executions.ShouldHaveSingleItem();

        listed.SearchAttributes.ShouldBe(await AttributesAsync(world));
    }

    [Theory]
    [InlineData("BuildIds = 'unversioned:1.1'", "both new")]
    [InlineData("BuildIds = 'unversioned:1.0'", "both")]
    [InlineData("BuildIds = 'unversioned'", "both new none")]
    [InlineData("BuildIds IN ('unversioned:1.0', 'unversioned:1.1') AND WorkflowId != 'new'", "both")]
    [InlineData("BuildIds != 'unversioned:1.0'", "new none waiting")]
    [InlineData("NOT BuildIds = 'unversioned:1.1'", "none waiting")]
    [InlineData("BuildIds NOT IN ('unversioned:1.0', 'unversioned:1.1')", "none waiting")]
    [InlineData("BuildIds IS NULL", "waiting")]
    [InlineData("BuildIds IS NOT NULL", "both new none")]
    public async Task Lists_and_counts_find_runs_by_the_builds_that_they_have_had(string query, string found)
    {
        var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
        await using var world = World.Create(store);
        foreach (var (id, builds) in new (string, string[])[] { ("both", ["1.0", "1.1"]), ("new", ["1.1"]), ("none", [""]) })
        {
            await world.StartAsync(id);
            foreach (var build in builds)
            {
                await world.CompleteAsync(await world.PollAsync(), By(build));
                await world.SignalAsync("go on", id);
            }

            await world.PollAsync();
        }

        await world.StartAsync("waiting");
        var visibility = new SqliteVisibility(store);
        var listed = visibility.List(World.Namespace.Id, World.Namespace.Name, query, 0, ByteString.Empty).Executions;

        string.Join(' ', listed.Select(run => run.Execution.WorkflowId).Order(StringComparer.Ordinal)).ShouldBe(found);
        visibility.Count(World.Namespace.Id, World.Namespace.Name, query).Count.ShouldBe(listed.Count);
    }

    [Fact]
    public async Task A_run_whose_first_task_is_not_completed_has_attributes_and_none_among_them()
    {
        await using var world = World.Create();
        await world.StartAsync();

        (await AttributesAsync(world)).ShouldBe(new SearchAttributes());
    }

    [Fact]
    public async Task A_worker_that_names_no_build_leaves_the_run_unversioned()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync());

        (await BuildsAsync(world)).ShouldBe(["unversioned"]);
    }

    [Fact]
    public async Task Every_build_that_completed_a_task_is_named_once_in_the_order_in_which_they_came()
    {
        await using var world = World.Create();
        await world.StartAsync();
        string[] builds = ["1.0", "1.1", "1.0", ""];

        foreach (var build in builds)
        {
            await world.CompleteAsync(await world.PollAsync(), By(build));
            await world.SignalAsync("go on");
        }

        (await BuildsAsync(world)).ShouldBe(["unversioned", "unversioned:1.0", "unversioned:1.1"]);
    }

    [Fact]
    public async Task Builds_that_came_first_make_room_when_there_are_too_many()
    {
        await using var world = World.Create();
        await world.StartAsync();

        for (var build = 1; build <= 100; build++)
        {
            await world.CompleteAsync(await world.PollAsync(), By(string.Create(CultureInfo.InvariantCulture, $"a-build-with-a-long-name-{build:000}")));
            await world.SignalAsync("go on");
        }

        var payload = (await AttributesAsync(world)).IndexedFields[Attribute];
        payload.Data.Length.ShouldBeInRange(1_900, 2_048);
        var builds = JsonSerializer.Deserialize<string[]>(payload.Data.Span)!;
        (builds[0], builds[^1]).ShouldBe(("unversioned", "unversioned:a-build-with-a-long-name-100"));
    }

    [Fact]
    public async Task A_run_begun_anew_has_the_builds_up_to_the_point()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), By("1.0"));
        await world.SignalAsync("go on");
        await world.CompleteAsync(await world.PollAsync(), By("1.1"));

        await world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
        {
            WorkflowExecution = new WorkflowExecution { WorkflowId = "order" },
            WorkflowTaskFinishEventId = 7,
            RequestId = "reset",
        });

        (await BuildsAsync(world)).ShouldBe(["unversioned", "unversioned:1.0"]);
    }

    [Fact]
    public async Task What_the_workflow_sets_is_kept_beside_it()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), By("1.0"), UpsertSearchAttribute("TemporalChangeVersion", "[\"patched\"]"));

        (await AttributesAsync(world)).IndexedFields.Keys.Order(StringComparer.Ordinal).ShouldBe([Attribute, "TemporalChangeVersion"]);
    }

    [Fact]
    public async Task It_is_there_after_a_restart()
    {
        await using var world = World.Create();
        await world.StartAsync();
        await world.CompleteAsync(await world.PollAsync(), By("1.0"));

        await world.RestartAsync();

        (await BuildsAsync(world)).ShouldBe(["unversioned", "unversioned:1.0"]);
    }

    private static Action<RespondWorkflowTaskCompletedRequest> By(string build) => request =>
    {
#pragma warning disable CS0612 // Where workers without versioning say it.
        request.WorkerVersionStamp = new WorkerVersionStamp { BuildId = build };
#pragma warning restore CS0612
    };

    private static async Task<string[]> BuildsAsync(World world) =>
        JsonSerializer.Deserialize<string[]>((await AttributesAsync(world)).IndexedFields[Attribute].Data.Span)!;

    private static async Task<SearchAttributes> AttributesAsync(World world) => (await world.DescribeAsync()).WorkflowExecutionInfo.SearchAttributes;
}
