using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Onramp.Cli.Hosting;

/// <summary>Reads PEM files that users name.</summary>
internal static class Certificates
{
    public static X509Certificate2? ReadPair(string? certificateFile, string? keyFile)
    {
        if (certificateFile is null != keyFile is null)
            throw new CliException("--tls-cert and --tls-key must be given together.", ExitCodes.Usage);
        if (certificateFile is null)
            return null;
        return Read(certificateFile, () => X509Certificate2.CreateFromPemFile(Existing(certificateFile), Existing(keyFile!)));
    }

    public static X509Certificate2Collection? ReadAuthorities(string? file)
    {
        if (file is null)
            return null;
        var collection = new X509Certificate2Collection();
        return Read(file, () =>
        {
            collection.ImportFromPemFile(Existing(file));
            return collection.Count > 0 ? collection : throw new CryptographicException("it holds no certificate");
        });
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CryptographicException e)
        {
            throw new CliException($"'{file}' can't be used: {e.Message}", ExitCodes.Usage, e);
        }
    }

    private static string Existing(string file) =>
        File.Exists(file) ? file : throw new CliException($"'{file}' does not exist.", ExitCodes.Usage);
}
