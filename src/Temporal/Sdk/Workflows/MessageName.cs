using System.Reflection;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>What signal and query handlers have in common.</summary>
internal static class MessageName
{
    private const string AsyncSuffix = "Async";

    /// <summary>Gets a method's name, without <c>Async</c> at its end.</summary>
    public static string WithoutAsync(MethodInfo method) =>
        method.Name.Length > AsyncSuffix.Length && method.Name.EndsWith(AsyncSuffix, StringComparison.Ordinal)
            ? method.Name[..^AsyncSuffix.Length]
            : method.Name;

    /// <summary>Tells whether a method takes a name and whatever comes with it, as dynamic handlers do.</summary>
    public static bool TakesNameAndRawValues(MethodInfo method) =>
        method.GetParameters() is [var name, var values] && name.ParameterType == typeof(string) && values.ParameterType == typeof(IRawValue[]);
}
