namespace Onramp.Bench;

/// <summary>One thing that the program does.</summary>
/// <param name="Does">What that is, in a line.</param>
/// <param name="Action">Returns the process's exit code.</param>
internal sealed record Verb(string Name, string Does, Func<Arguments, Task<int>> Action, params Option[] Options)
{
    private const int Misused = 2;

    private static readonly string[] HelpWords = ["--help", "-h", "help"];

    /// <summary>Does what the words ask for; words that ask for help get that and nothing else.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<Verb> verbs, IReadOnlyList<string> words)
    {
        var verb = words.Count == 0 ? null : verbs.FirstOrDefault(verb => verb.Name == words[0]);
        if (words.Any(word => HelpWords.Contains(word, StringComparer.Ordinal)))
        {
            Console.WriteLine(verb is null ? Overview(verbs) : verb.Help());
            return 0;
        }

        try
        {
            return verb is null
                ? throw new UsageException((words.Count == 0 ? "nothing to do" : $"no '{words[0]}' here") + "\n\n" + Overview(verbs))
                : await verb.Action(Arguments.Parse(verb, [.. words.Skip(1)])).ConfigureAwait(false);
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync(verb is null ? wrong.Message : $"{wrong.Message}\n\n{verb.Help()}").ConfigureAwait(false);
            return Misused;
        }
    }

    private static string Overview(IReadOnlyList<Verb> verbs) => string.Join('\n',
        ["usage: Onramp.Bench VERB [options]", "", .. verbs.Select(verb => $"  {verb.Name,-12}{verb.Does}"), "", "VERB --help tells its options."]);

    private string Help() => string.Join('\n', [$"usage: Onramp.Bench {Name} [options]", "", Does, "", .. Options.Select(option => option.ToString())]);
}
