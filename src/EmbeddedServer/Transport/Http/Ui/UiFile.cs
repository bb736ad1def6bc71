using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>One file of the web UI, with what is said about it.</summary>
internal sealed class UiFile
{
    /// <summary>Smaller ones fit a packet or two anyway.</summary>
    private const int LeastBytesToCompress = 1024;

    private const string Unknown = "application/octet-stream";
    private const string Utf8 = "; charset=utf-8";

    private static readonly FileExtensionContentTypeProvider Types = new();

    private readonly Lazy<byte[]?> compressed;

    public UiFile(string path, byte[] content)
    {
        var type = Types.TryGetContentType(path, out var known) ? known : Unknown;
        var isText = type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/manifest+json" or "image/svg+xml";
        Content = content;
        ContentType = isText ? type + Utf8 : type;
        Tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        IsImmutable = path.StartsWith(UiFiles.Immutable, StringComparison.Ordinal);
        compressed = new Lazy<byte[]?>(() => isText && content.Length >= LeastBytesToCompress ? Compress(content) : null);
    }

    public ReadOnlyMemory<byte> Content { get; }

    public string ContentType { get; }

    /// <summary>What the content is known by; another content has another one.</summary>
    public string Tag { get; }

    /// <summary>Whether its name changes with its content.</summary>
    public bool IsImmutable { get; }

    /// <summary>The content in gzip, made when it is first asked for; null where that is of no use.</summary>
    public byte[]? Compressed => compressed.Value;

    private static byte[] Compress(byte[] content)
    {
        using var text = new MemoryStream();
        using (var gzip = new GZipStream(text, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return text.ToArray();
    }
}
