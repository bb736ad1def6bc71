namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>Finds the call of a path. Where a word and a field would both take a segment, the word does.</summary>
internal sealed class HttpRoutes
{
    private readonly Node root = new();
    private readonly List<HttpRoute> all = [];

    public HttpRoutes(CallTable table)
    {
        foreach (var route in table.Entries.Values.SelectMany(HttpRoute.Of))
        {
            all.Add(route);
            root.Add(route);
        }
    }

    public IReadOnlyList<HttpRoute> All => all;

    /// <summary>What a path and a verb lead to.</summary>
    /// <param name="path">Its segments, unescaped.</param>
    /// <param name="route">The way to the call; null if there is nothing at this path, or not for this verb.</param>
    /// <returns>Whether there is anything at this path, for whatever verb.</returns>
    public bool TryFind(string verb, IReadOnlyList<string> path, out HttpRoute? route)
    {
        var found = root.Find(path, 0).ToList();
        route = found.Select(node => node.Routes.GetValueOrDefault(verb)).FirstOrDefault(candidate => candidate is not null);
        return found.Count > 0;
    }

    private sealed class Node
    {
        private readonly Dictionary<string, Node> words = new(StringComparer.Ordinal);
        private Node? field;

        public Dictionary<string, HttpRoute> Routes { get; } = new(StringComparer.Ordinal);

        public void Add(HttpRoute route)
        {
            var node = this;
            foreach (var segment in route.Segments)
            {
                node = segment.IsField ? node.field ??= new Node() : node.Word(segment.Text);
            }

            if (!node.Routes.TryAdd(route.Verb, route))
            {
                throw new InvalidOperationException($"{route.Call.Method.FullName} and {node.Routes[route.Verb].Call.Method.FullName} have the same path");
            }
        }

        /// <summary>The ends of all ways that the path can go, those with words first.</summary>
        public IEnumerable<Node> Find(IReadOnlyList<string> path, int from)
        {
            if (from == path.Count)
            {
                return Routes.Count > 0 ? [this] : [];
            }

            var byWord = words.TryGetValue(path[from], out var word) ? word.Find(path, from + 1) : [];
            var byField = field is not null ? field.Find(path, from + 1) : [];
            return byWord.Concat(byField);
        }

        private Node Word(string text)
        {
            if (!words.TryGetValue(text, out var node))
            {
                words[text] = node = new Node();
            }

            return node;
        }
    }
}
