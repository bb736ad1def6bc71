using System.Linq.Expressions;
using System.Reflection;

namespace Temporalio.Common;

/// <summary>
/// Reads the lambdas by which workflows, activities, signals and queries are called, such as <c>(MyWorkflow w) => w.RunAsync(input)</c>.
/// The call is taken apart, never made.
/// </summary>
internal static class ExpressionUtil
{
    /// <summary>The method that a lambda calls and the values of its arguments.</summary>
    /// <param name="lambda">A lambda whose body is a single call.</param>
    /// <exception cref="ArgumentException">The body is something else, or an argument depends on the lambda's parameter.</exception>
    public static (MethodInfo Method, object?[] Args) ExtractCall(LambdaExpression lambda)
    {
        if (WithoutConversion(lambda.Body) is not MethodCallExpression call)
        {
            throw new ArgumentException("Expression must be a single method call", nameof(lambda));
        }

        RequireInstanceOfParameter(call.Object, lambda);
        var args = call.Arguments.Count == 0 ? [] : new object?[call.Arguments.Count];
        for (var i = 0; i < args.Length; i++)
        {
            args[i] = Evaluate(call.Arguments[i], lambda);
        }

        return (call.Method, args);
    }

    /// <summary>The property or field that a lambda reads, as in <c>(MyWorkflow w) => w.Status</c>.</summary>
    /// <param name="lambda">A lambda whose body reads one member.</param>
    /// <exception cref="ArgumentException">The body is something else.</exception>
    public static MemberInfo ExtractMemberAccess(LambdaExpression lambda)
    {
        if (WithoutConversion(lambda.Body) is not MemberExpression access)
        {
            throw new ArgumentException("Expression must be a single member access", nameof(lambda));
        }

        RequireInstanceOfParameter(access.Expression, lambda);
        return access.Member;
    }

    // A lambda that has a parameter must call on it: calling on a captured object would ignore the one meant.
    private static void RequireInstanceOfParameter(Expression? instance, LambdaExpression lambda)
    {
        if (lambda.Parameters.Count > 0 && instance is not null && WithoutConversion(instance) != lambda.Parameters[0])
        {
            throw new ArgumentException("Expression must call a member of the lambda's own parameter", nameof(lambda));
        }
    }

    private static Expression WithoutConversion(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } conversion)
        {
            expression = conversion.Operand;
        }

        return expression;
    }

    // Constants, captured variables and members of them make up nearly all arguments; they are read without compiling anything.
    private static object? Evaluate(Expression expression, LambdaExpression lambda) =>
        TryRead(expression, out var value) ? value : Compile(expression, lambda);

    private static bool TryRead(Expression? expression, out object? value)
    {
        switch (expression)
        {
            case null:
                value = null;
                return true;
            case ConstantExpression constant:
                value = constant.Value;
                return true;
            case DefaultExpression { Type: var type }:
                value = type.IsValueType && type != typeof(void) ? Activator.CreateInstance(type) : null;
                return true;
            case MemberExpression member when TryRead(member.Expression, out var owner)
                && (owner is not null || member.Expression is null):
                return TryReadMember(member.Member, owner, out value);
            case UnaryExpression { NodeType: ExpressionType.Convert, Method: null } conversion when IsBoxingOrUpcast(conversion):
                return TryRead(conversion.Operand, out value);
            default:
                value = null;
                return false;
        }
    }

    private static bool TryReadMember(MemberInfo member, object? owner, out object? value)
    {
        switch (member)
        {
            case FieldInfo field:
                value = field.GetValue(owner);
                return true;
            case PropertyInfo property when property.GetIndexParameters().Length == 0:
                try
                {
                    value = property.GetValue(owner);
                    return true;
                }
                catch (TargetInvocationException e) when (e.InnerException is not null)
                {
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
                    throw;
                }

            default:
                value = null;
                return false;
        }
    }

    // To object, a base, an interface or the nullable form the value itself stays what it is.
    private static bool IsBoxingOrUpcast(UnaryExpression conversion) =>
        conversion.Type.IsAssignableFrom(conversion.Operand.Type)
        || Nullable.GetUnderlyingType(conversion.Type) == conversion.Operand.Type;

    private static object? Compile(Expression expression, LambdaExpression lambda)
    {
        Func<object?> compiled;
        try
        {
            compiled = Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true);
        }
        catch (InvalidOperationException e) when (lambda.Parameters.Count > 0)
        {
            throw new ArgumentException("Arguments must not use the lambda's own parameter", nameof(lambda), e);
        }

        return compiled();
    }
}
