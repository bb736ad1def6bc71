using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Tests.Activities;

public class ActivityDefinitionTests
{
    [Fact]
    public async Task All_activities_of_a_type_are_found_and_run()
    {
        var definitions = ActivityDefinition.CreateAll(new Shop()).ToDictionary(d => d.Name ?? "(dynamic)");

        definitions.Keys.Order().ShouldBe(["(dynamic)", "Count", "Notify", "buy"]);
        (await definitions["buy"].InvokeAsync(["book", 2])).ShouldBe("2 book");
        (await definitions["Count"].InvokeAsync([4])).ShouldBe(5);
        (await definitions["Notify"].InvokeAsync([])).ShouldBe(default(ValueTuple));
        definitions["(dynamic)"].Dynamic.ShouldBeTrue();
    }

    [Fact]
    public async Task Missing_arguments_get_their_defaults()
    {
        var buy = ActivityDefinition.CreateAll(new Shop()).Single(d => d.Name == "buy");

        buy.RequiredParameterCount.ShouldBe(1);
        (await buy.InvokeAsync(["book"])).ShouldBe("1 book");
    }

    [Fact]
    public async Task What_it_throws_comes_out_as_it_is()
    {
        [Activity]
        static void Fail() => throw new InvalidOperationException("broken");

        var definition = ActivityDefinition.Create(Fail);

        definition.Name.ShouldBe("Fail");
        (await Should.ThrowAsync<InvalidOperationException>(() => definition.InvokeAsync([]))).Message.ShouldBe("broken");
    }

    [Fact]
    public void What_is_no_activity_is_refused()
    {
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create(() => { })).Message.ShouldContain("Activity attribute");
        Should.Throw<ArgumentException>(() => ActivityDefinition.CreateAll(typeof(string), null)).Message.ShouldContain("No activities");
        Should.Throw<InvalidOperationException>(() => ActivityDefinition.CreateAll(typeof(Shop), null)).Message.ShouldContain("no instance");
        Should.Throw<ArgumentException>(() => ActivityDefinition.Create(null, typeof(string), [typeof(string)], 1, _ => null));
    }

    public sealed class Shop
    {
        [Activity("buy")]
        public string Buy(string what, int howMany = 1) => $"{howMany} {what}";

        [Activity]
        public static Task<int> CountAsync(int from) => Task.FromResult(from + 1);

        [Activity]
        public async Task NotifyAsync() => await Task.Yield();

        [Activity(Dynamic = true)]
        public Task<Payload> AnythingAsync(IRawValue[] args) => Task.FromResult(args[0].Payload);
    }
}
