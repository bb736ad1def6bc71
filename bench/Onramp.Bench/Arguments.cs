using System.Globalization;

namespace Onramp.Bench;

/// <summary>What was asked for on the command line, held against what a verb has to offer.</summary>
internal sealed class Arguments
{
    private readonly Verb _verb;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private Arguments(Verb verb) => _verb = verb;

    /// <param name="words"><c>--name value</c> pairs.</param>
    /// <exception cref="UsageException">An option that the verb doesn't have, twice the same one, or a value that is missing or doesn't fit.</exception>
    public static Arguments Parse(Verb verb, IReadOnlyList<string> words)
    {
        var parsed = new Arguments(verb);
        for (var i = 0; i < words.Count; i += 2)
        {
            var option = verb.Options.FirstOrDefault(option => words[i] == "--" + option.Name)
                ?? throw new UsageException($"'{verb.Name}' has no option '{words[i]}'");
            if (i + 1 == words.Count)
            {
                throw new UsageException($"--{option.Name} needs a value: {option.Values}");
            }

            option.Check(words[i + 1]);
            if (!parsed._values.TryAdd(option.Name, words[i + 1]))
            {
                throw new UsageException($"--{option.Name} is given twice");
            }
        }

        return parsed;
    }

    /// <summary>What was given, or else what the option has by default.</summary>
    public int Number(string name) => FindNumber(name) ?? throw new InvalidOperationException($"--{name} has no default");

    /// <summary>The same; null when there is neither.</summary>
    public int? FindNumber(string name) => Find(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>What chance begins with: what was given, or else what the clock says; one that can be given again.</summary>
    public int Seed() => FindNumber(Option.Seed.Name) ?? Environment.TickCount & int.MaxValue;

    /// <summary>What was given, or else what the option has by default, or null when there is neither.</summary>
    public string? Find(string name)
    {
        var option = _verb.Options.Single(option => option.Name == name);
        return _values.GetValueOrDefault(name) ?? option.Default;
    }
}

/// <summary>The command line makes no sense; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
