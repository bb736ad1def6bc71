using System.Linq.Expressions;
using Temporalio.Common;

namespace Temporalio.Tests.Common;

public class ExpressionUtilTests
{
    private readonly Order order = new("book", 3);

    [Fact]
    public void Arguments_are_read_from_constants_captures_members_and_calls()
    {
        var captured = 7;
        Expression<Func<Target, Task>> call = t => t.RunAsync(captured, order.Name.ToUpperInvariant(), null, order);

        var (method, args) = ExpressionUtil.ExtractCall(call);

        method.Name.ShouldBe(nameof(Target.RunAsync));
        args.ShouldBe([7, "BOOK", null, order]);
    }

    [Fact]
    public void Conversions_are_applied()
    {
        Expression<Func<Target, Task>> call = t => t.NumbersAsync(order.Count, order.Count);

        var (_, args) = ExpressionUtil.ExtractCall(call);

        args[0].ShouldBe(3L);
        args[1].ShouldBe(3);
    }

    [Fact]
    public void The_lambdas_parameter_is_no_argument()
    {
        Expression<Func<Target, Task>> call = t => t.RunAsync(t.Id, "x", null, order);

        Should.Throw<ArgumentException>(() => ExpressionUtil.ExtractCall(call)).Message.ShouldContain("parameter");
    }

    [Fact]
    public void A_call_on_something_captured_is_refused()
    {
        var other = new Target();
        Expression<Func<Target, Task>> call = _ => other.RunAsync(1, "x", null, order);

        Should.Throw<ArgumentException>(() => ExpressionUtil.ExtractCall(call));
    }

    [Fact]
    public void What_an_argument_throws_comes_out()
    {
        string? nothing = null;
        Expression<Func<Target, Task>> call = t => t.RunAsync(1, nothing!.Trim(), null, order);

        Should.Throw<NullReferenceException>(() => ExpressionUtil.ExtractCall(call));
    }

    [Fact]
    public void A_member_is_found()
    {
        Expression<Func<Target, object>> access = t => t.Id;

        ExpressionUtil.ExtractMemberAccess(access).Name.ShouldBe(nameof(Target.Id));
    }

    public sealed record Order(string Name, int Count);

    public sealed class Target
    {
        public int Id { get; set; }

        public Task RunAsync(int number, string text, object? nothing, Order order) => Task.FromResult((number, text, nothing, order));

        public Task NumbersAsync(long number, int? maybe) => Task.FromResult((number, maybe));
    }
}
