using System.Collections.Concurrent;
using System.Reflection;

namespace Temporalio.Converters;

/// <summary>Marks a type that goes over the wire as another one.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TemporalTransferTypeConverterAttribute : Attribute
{
    /// <summary>Marks it.</summary>
    /// <param name="converterType">
    /// An <see cref="ITemporalTransferTypeConverter"/> with a parameterless constructor; if it is an open generic type, it is closed
    /// with the marked type's own arguments.
    /// </param>
    public TemporalTransferTypeConverterAttribute(Type converterType) => ConverterType = converterType;

    /// <summary>Type of the converter.</summary>
    public Type ConverterType { get; private init; }
}

/// <summary>Finds the converters of marked types.</summary>
internal static class TransferTypes
{
    private static readonly ConcurrentDictionary<Type, ITemporalTransferTypeConverter?> Known = new();

    public static ITemporalTransferTypeConverter? For(Type type) => Known.GetOrAdd(type, Create);

    public static object? ToTransfer(object? value) =>
        value is not null && For(value.GetType()) is { } converter ? converter.ToTransferType(value) : value;

    private static ITemporalTransferTypeConverter? Create(Type type)
    {
        var converterType = type.GetCustomAttribute<TemporalTransferTypeConverterAttribute>(inherit: false)?.ConverterType;
        if (converterType is null)
        {
            return null;
        }

        try
        {
            if (converterType.IsGenericTypeDefinition)
            {
                converterType = converterType.MakeGenericType(type.GetGenericArguments());
            }

            return (ITemporalTransferTypeConverter)Activator.CreateInstance(converterType)!;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or MissingMethodException or InvalidCastException or MemberAccessException)
        {
            throw new InvalidOperationException($"{converterType} cannot convert {type}: {e.Message}", e);
        }
    }
}
