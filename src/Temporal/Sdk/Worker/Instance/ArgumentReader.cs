using System.Reflection;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <summary>Turns payloads into a method's arguments. Surplus payloads are ignored; missing ones need a default.</summary>
internal static class ArgumentReader
{
    /// <summary>Reads the arguments of a main routine.</summary>
    public static object?[] Read(HandlerMethod method, Payloads? payloads, IPayloadConverter converter, bool dynamic, string what) =>
        dynamic ? [RawValues(payloads)] : Read(method.Parameters, payloads, converter, what);

    /// <summary>Reads the arguments of a signal's or query's handler; a dynamic one gets the name first.</summary>
    public static object?[] ReadMessage(
        HandlerMethod method, string name, Payloads? payloads, IPayloadConverter converter, bool dynamic, string what) =>
        dynamic ? [name, RawValues(payloads)] : Read(method.Parameters, payloads, converter, what);

    private static IRawValue[] RawValues(Payloads? payloads) =>
        payloads is null ? [] : [.. payloads.Payloads_.Select(payload => new RawValue(payload))];

    private static object?[] Read(ParameterInfo[] parameters, Payloads? payloads, IPayloadConverter converter, string what)
    {
        if (parameters.Length == 0)
        {
            return [];
        }

        var args = new object?[parameters.Length];
        var given = payloads?.Payloads_.Count ?? 0;
        for (var i = 0; i < args.Length; i++)
        {
            if (i < given)
            {
                args[i] = Convert(parameters[i], payloads!.Payloads_[i], converter, what);
            }
            else if (parameters[i].HasDefaultValue)
            {
                args[i] = DefaultOf(parameters[i]);
            }
            else
            {
                throw new InvalidOperationException(
                    $"{what} given {given} parameter(s), but more than that are required by the signature");
            }
        }

        return args;
    }

    private static object? Convert(ParameterInfo parameter, Payload payload, IPayloadConverter converter, string what)
    {
        try
        {
            var value = converter.ToValue(payload, parameter.ParameterType);
            return value ?? (parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
                ? throw new InvalidOperationException($"null cannot be a {parameter.ParameterType}")
                : null);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{what}: failed decoding parameter {parameter.Name} ({parameter.ParameterType})", e);
        }
    }

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue ?? (parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null);
}
