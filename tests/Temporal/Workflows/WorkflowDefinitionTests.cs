using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>What attributes say, and what they must not.</summary>
public class WorkflowDefinitionTests
{
    [Fact]
    public void Names_come_from_attributes_or_from_what_they_are_on()
    {
        var definition = WorkflowDefinition.Create<Valid>();
        definition.Name.ShouldBe("Valid");
        definition.Instantiable.ShouldBeTrue();
        definition.Signals.Keys.Order(StringComparer.Ordinal).ShouldBe(["Signal", "named signal"]);
        definition.Queries.Keys.Order(StringComparer.Ordinal).ShouldBe(["Property", "Query", "named query"]);
        WorkflowDefinition.Create<IValid>().Name.ShouldBe("Valid");
        WorkflowDefinition.Create<IValid>().Instantiable.ShouldBeFalse();
        WorkflowDefinition.Create(typeof(Valid), "Other", null).Name.ShouldBe("Other");
        WorkflowDefinition.Create<Valid>().ShouldBeSameAs(definition);
    }

    [Theory]
    [InlineData(typeof(string), "missing Workflow attribute")]
    [InlineData(typeof(NoRun), "missing a method with WorkflowRun on it")]
    [InlineData(typeof(TwoRuns), "WorkflowRun on multiple methods")]
    [InlineData(typeof(PrivateRun), "must be public and not static")]
    [InlineData(typeof(VoidRun), "must return an instance of Task")]
    [InlineData(typeof(InheritedRun), "must be declared on")]
    [InlineData(typeof(OverrideWithoutAttribute), "WorkflowRun on base")]
    [InlineData(typeof(BadSignal), "must return Task")]
    [InlineData(typeof(BadQuery), "cannot return a Task")]
    [InlineData(typeof(VoidQuery), "must return a value")]
    [InlineData(typeof(TwoSignals), "has more than one signal named same")]
    [InlineData(typeof(BadInit), "WorkflowInit constructor parameters must match WorkflowRun method parameters")]
    [InlineData(typeof(NoConstructor), "has no public parameterless constructor")]
    [InlineData(typeof(NamedDynamic), "dynamic workflow cannot have a name")]
    [InlineData(typeof(DynamicWithArguments), "must accept an array of IRawValue")]
    [InlineData(typeof(BadDynamicSignal), "must accept string and an array of IRawValue to be dynamic")]
    public void Mistakes_are_named(Type type, string message) =>
        Should.Throw<ArgumentException>(() => WorkflowDefinition.Create(type)).Message.ShouldContain(message);

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var message = Should.Throw<ArgumentException>(() => WorkflowDefinition.Create<ManyMistakes>()).Message;
        message.ShouldContain("missing a method with WorkflowRun");
        message.ShouldContain("must return Task");
        message.ShouldContain("must return a value");
    }

    [Workflow]
    public interface IValid
    {
        [WorkflowRun]
        Task RunAsync();
    }

    [Workflow]
    public class Valid
    {
        [WorkflowQuery]
        public int Property => 1;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public Task SignalAsync() => Task.CompletedTask;

        [WorkflowSignal("named signal")]
        public Task OtherSignalAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public int Query() => 1;

        [WorkflowQuery("named query")]
        public int OtherQuery() => 1;
    }

    [Workflow]
    public class NoRun;

    [Workflow]
    public class TwoRuns : WithRun
    {
        [WorkflowRun]
        public Task AnotherAsync() => Task.CompletedTask;

        [WorkflowRun]
        public Task YetAnotherAsync() => Task.CompletedTask;
    }

    public class WithRun;

    [Workflow]
    public class PrivateRun
    {
        [WorkflowRun]
        private Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class VoidRun
    {
        [WorkflowRun]
        public void Run()
        {
        }
    }

    public class BaseRun
    {
        [WorkflowRun]
        public virtual Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class InheritedRun : BaseRun;

    [Workflow]
    public class OverrideWithoutAttribute : BaseRun
    {
        public override Task RunAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class BadSignal : Runnable
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal]
        public void Signal()
        {
        }
    }

    public class Runnable;

    [Workflow]
    public class BadQuery
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public Task<int> QueryAsync() => Task.FromResult(1);
    }

    [Workflow]
    public class VoidQuery
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowQuery]
        public void Query()
        {
        }
    }

    [Workflow]
    public class TwoSignals
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal("same")]
        public Task OneAsync() => Task.CompletedTask;

        [WorkflowSignal("same")]
        public Task TwoAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class BadInit
    {
        [WorkflowInit]
        public BadInit(int number) => _ = number;

        [WorkflowRun]
        public Task RunAsync(string text) => Task.FromResult(text);
    }

    [Workflow]
    public class NoConstructor
    {
        public NoConstructor(int number) => _ = number;

        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }

    [Workflow("name", Dynamic = true)]
    public class NamedDynamic
    {
        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => Task.FromResult(args);
    }

    [Workflow(Dynamic = true)]
    public class DynamicWithArguments
    {
        [WorkflowRun]
        public Task RunAsync(string text) => Task.FromResult(text);
    }

    [Workflow]
    public class BadDynamicSignal
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;

        [WorkflowSignal(Dynamic = true)]
        public Task AnyAsync(string name) => Task.FromResult(name);
    }

    [Workflow]
    public class ManyMistakes
    {
        [WorkflowSignal]
        public void Signal()
        {
        }

        [WorkflowQuery]
        public void Query()
        {
        }
    }
}
