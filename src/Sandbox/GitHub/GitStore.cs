using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>
/// Git objects of one repository: blobs with their true ids, trees as flat lists of paths, commits and branches. Keys begin with
/// the repository's number, so that a rename moves nothing and a deletion takes everything.
/// </summary>
internal sealed class GitStore(Documents documents, long repositoryId)
{
    private static readonly string[] s_kinds = ["blob", "tree", "commit", "branch"];

    private string Prefix => $"{repositoryId:D6}/";

    public bool IsEmpty => documents.List("branch", Prefix).Count == 0;

    /// <summary>The id that git gives content.</summary>
    public static string BlobId(ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    public IEnumerable<(string Name, string Commit)> Branches() =>
        documents.List("branch", Prefix).Select(b => (b.Key[Prefix.Length..], b.Body.Text("sha")!));

    public string? Branch(string name) => documents.Get("branch", Prefix + name).Text("sha");

    public void SetBranch(string name, string commit) => documents.Put("branch", Prefix + name, new JsonObject { ["sha"] = commit });

    public bool DeleteBranch(string name) => documents.Delete("branch", Prefix + name);

    public JsonObject? Commit(string sha) => documents.Get("commit", Prefix + sha);

    /// <summary>Paths and blob ids of a tree.</summary>
    public SortedDictionary<string, string> Tree(string sha)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, blob) in documents.Get("tree", Prefix + sha) ?? [])
        {
            tree[path] = blob!.GetValue<string>();
        }

        return tree;
    }

    public bool HasTree(string sha) => documents.Has("tree", Prefix + sha);

    public SortedDictionary<string, string> TreeOfCommit(string commit) => Tree(Commit(commit).Text("tree")!);

    public byte[]? Blob(string sha) => documents.Get("blob", Prefix + sha).Text("content") is { } content ? Convert.FromBase64String(content) : null;

    public string PutBlob(ReadOnlySpan<byte> content)
    {
        var sha = BlobId(content);
        documents.Put("blob", Prefix + sha, new JsonObject { ["content"] = Convert.ToBase64String(content) });
        return sha;
    }

    public string PutTree(SortedDictionary<string, string> tree)
    {
        var body = new JsonObject();
        foreach (var (path, blob) in tree)
        {
            body[path] = blob;
        }

        var sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes("tree " + body.ToJsonString(Json.Compact))));
        documents.Put("tree", Prefix + sha, body);
        return sha;
    }

    public string PutCommit(string tree, string message, IEnumerable<string> parents, string author, string email)
    {
        var body = new JsonObject
        {
            ["tree"] = tree,
            ["message"] = message,
            ["parents"] = Json.TextArray(parents),
            ["author"] = new JsonObject { ["name"] = author, ["email"] = email, ["date"] = documents.Now.Seconds() },
        };
        var sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"commit {repositoryId} {body.ToJsonString(Json.Compact)}")));
        documents.Put("commit", Prefix + sha, body);
        return sha;
    }

    /// <summary>Commits from the tip back to the first, first parents only.</summary>
    public IEnumerable<(string Sha, JsonObject Commit)> History(string tip)
    {
        for (string? sha = tip; sha is not null;)
        {
            var commit = Commit(sha);
            if (commit is null)
            {
                yield break;
            }

            yield return (sha, commit);
            sha = commit.Texts("parents").FirstOrDefault();
        }
    }

    /// <summary>Writes files on a branch as one commit.</summary>
    public string CommitFiles(string branch, string message, Action<SortedDictionary<string, string>> change, string author, string email)
    {
        var tip = Branch(branch);
        var tree = tip is null ? new SortedDictionary<string, string>(StringComparer.Ordinal) : TreeOfCommit(tip);
        change(tree);
        var commit = PutCommit(PutTree(tree), message, tip is null ? [] : [tip], author, email);
        SetBranch(branch, commit);
        return commit;
    }

    public void DeleteEverything()
    {
        foreach (var kind in s_kinds)
        {
            documents.DeleteAll(kind, Prefix);
        }
    }
}
