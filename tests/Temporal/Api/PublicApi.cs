using System.Reflection;
using System.Text;

namespace Temporalio.Tests.Surface;

/// <summary>
/// The public and protected members of assemblies, one a line: <c>KIND:DOCUMENTATION-ID [-> TYPE] [{accessors}]</c>. Assemblies with the
/// same lines are source compatible for their callers; parameter names and defaults are part of the lines.
/// </summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> CompilerMade = ["PrintMembers", "<Clone>$", "Finalize", "ToString", "Equals", "GetHashCode", "Deconstruct"];

    public static IReadOnlyList<string> Of(params Assembly[] assemblies) =>
    [
        .. assemblies.SelectMany(a => a.GetExportedTypes())
            .Where(t => t.Namespace?.StartsWith("Temporalio", StringComparison.Ordinal) == true)
            .SelectMany(Members)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Members(Type type)
    {
        yield return TypeLine(type);
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
            {
                yield return $"F:{Id(type)}.{name} = {Convert.ToInt64(Enum.Parse(type, name))}";
            }

            yield break;
        }

        foreach (var line in Constructors(type).Concat(Fields(type)).Concat(Properties(type)).Concat(Methods(type)))
        {
            yield return line;
        }
    }

    private static string TypeLine(Type type)
    {
        var kind = Kind(type);
        var bases = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && kind != "delegate" ? " : " + Id(b) : string.Empty;
        return $"T:{Id(type)} -> {kind}{bases}";
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static IEnumerable<string> Constructors(Type type) =>
        from constructor in type.GetConstructors(Declared)
        where IsVisible(constructor) && !constructor.IsStatic && !IsRecordCopy(type, constructor)
        select $"M:{Id(type)}.#ctor{Parameters(constructor)}";

    private static IEnumerable<string> Fields(Type type) =>
        (from field in type.GetFields(Declared)
         where field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly
         select $"F:{Id(type)}.{field.Name} -> {Id(field.FieldType)}")
        .Concat(
            from e in type.GetEvents(Declared)
            where IsVisible(e.AddMethod)
            select $"E:{Id(type)}.{e.Name} -> {Id(e.EventHandlerType!)}");

    private static IEnumerable<string> Properties(Type type)
    {
        foreach (var property in type.GetProperties(Declared).Where(p => p.Name != "EqualityContract"))
        {
            var get = IsVisible(property.GetMethod);
            var set = IsVisible(property.SetMethod);
            if (get || set)
            {
                var isInit = set && property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");
                var index = property.GetIndexParameters() is { Length: > 0 } parameters
                    ? $"({string.Join(',', parameters.Select(p => Id(p.ParameterType)))})"
                    : string.Empty;
                var accessors = (get ? "get;" : string.Empty) + (!set ? string.Empty : isInit ? "init;" : "set;");
                yield return $"P:{Id(type)}.{property.Name}{index} -> {Id(property.PropertyType)} {{{accessors}}}";
            }
        }
    }

    private static IEnumerable<string> Methods(Type type) =>
        from method in type.GetMethods(Declared)
        where IsVisible(method) && !CompilerMade.Contains(method.Name)
        where !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)
        where !(method.Name is "op_Equality" or "op_Inequality" && IsRecord(type))
        where Kind(type) != "delegate" || method.Name == "Invoke"
        let arity = method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : string.Empty
        select $"M:{Id(type)}.{method.Name}{arity}{Parameters(method)} -> {Id(method.ReturnType)}";

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance) is not null;

    private static bool IsRecordCopy(Type type, ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == type && IsRecord(type);

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string Parameters(MethodBase method) =>
        $"({string.Join(',', method.GetParameters().Select(p => $"{Id(p.ParameterType)} {p.Name}{(p.IsOptional ? "?" : string.Empty)}"))})";

    private static string Id(Type type)
    {
        if (type.IsByRef)
        {
            return Id(type.GetElementType()!) + "@";
        }

        if (type.IsArray)
        {
            return Id(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Id(underlying) + "?";
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var name = definition.IsNested && definition.DeclaringType!.IsGenericType
            ? $"{Id(definition.DeclaringType)}.{definition.Name.Split('`')[0]}"
            : (definition.FullName ?? definition.Name).Split('`')[0].Replace('+', '.');
        var text = new StringBuilder(name);
        if (type.IsGenericType)
        {
            text.Append(type.IsGenericTypeDefinition
                ? "`" + type.GetGenericArguments().Length
                : $"{{{string.Join(',', type.GetGenericArguments().Select(Id))}}}");
        }

        return text.ToString();
    }
}
