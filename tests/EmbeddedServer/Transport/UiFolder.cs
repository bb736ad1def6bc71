namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>A folder as a build of the web UI leaves it, with few files.</summary>
internal sealed class UiFolder : IDisposable
{
    public const string Entry = "<!doctype html><title>Temporal</title>";
    public const string Script = "_app/immutable/start.a1b2.js";

    private readonly DirectoryInfo parent = Directory.CreateTempSubdirectory("onramp-ui-");

    public UiFolder()
    {
        Write("../secret.txt", "nobody's business");
        Write("index.html", Entry);
        Write(Script, $"console.log('{new string('a', 4000)}')");
        Write("fonts/inter.woff2", "\u0001\u0002");
        Write("licenses.txt", "MIT");
    }

    public string Path => System.IO.Path.Combine(parent.FullName, "build");

    public void Write(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Dispose() => parent.Delete(recursive: true);
}
