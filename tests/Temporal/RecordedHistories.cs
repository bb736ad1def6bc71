using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Common;

namespace Temporalio.Tests;

/// <summary>The recorded histories, and the messages of a type that they hold anywhere within.</summary>
public static class RecordedHistories
{
    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Recorded");

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json"));

    public static WorkflowHistory Load(string name) => WorkflowHistory.FromJson(name, Read(name));

    public static IEnumerable<T> Messages<T>(string name)
        where T : class, IMessage<T> =>
        Load(name).Events.SelectMany(Within<T>);

    private static IEnumerable<T> Within<T>(IMessage message)
        where T : class, IMessage<T>
    {
        if (message is T wanted)
        {
            yield return wanted;
            if (message is Failure or Payload)
            {
                yield break;
            }
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
        {
            var value = field.Accessor.GetValue(message);
            var inner = value switch
            {
                System.Collections.IDictionary map => map.Values.OfType<IMessage>(),
                System.Collections.IEnumerable list => list.OfType<IMessage>(),
                IMessage one => [one],
                _ => [],
            };
            foreach (var found in inner.SelectMany(Within<T>))
            {
                yield return found;
            }
        }
    }
}
