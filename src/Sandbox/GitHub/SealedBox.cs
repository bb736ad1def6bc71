using System.Security.Cryptography;
using System.Text;
using Onramp.Sandbox.GitHub.Crypto;

namespace Onramp.Sandbox.GitHub;

/// <summary>A scope's key pair for secrets.</summary>
internal sealed record SealingKey(string Id, byte[] PrivateKey, byte[] PublicKey);

/// <summary>Opens libsodium's sealed boxes (X25519, XSalsa20-Poly1305, BLAKE2b nonce), which clients must send secrets in.</summary>
internal static class SealedBox
{
    private const int KeyBytes = 32;
    private const int MacBytes = 16;

    /// <summary>Each repository and each environment has a key of its own.</summary>
    public static SealingKey KeyOf(string scope)
    {
        var secret = SHA256.HashData(Encoding.UTF8.GetBytes($"onramp-sandbox/sealing/{scope}"));
        var pair = X25519.PublicKey(secret);
        return new SealingKey($"5680{Convert.ToHexStringLower(SHA256.HashData(pair))[..14]}", secret, pair);
    }

    /// <summary>The message, or null when the box wasn't sealed for this key or was changed.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> box, SealingKey key)
    {
        if (box.Length < KeyBytes + MacBytes)
        {
            return null;
        }

        var sender = box[..KeyBytes].ToArray();
        var nonce = Blake2b.Hash([.. sender, .. key.PublicKey], 24);
        var shared = Salsa20.HSalsa20(X25519.Multiply(key.PrivateKey, sender), new byte[16]);
        var subkey = Salsa20.HSalsa20(shared, nonce.AsSpan(0, 16));
        var cipher = box[(KeyBytes + MacBytes)..];
        var stream = Salsa20.KeyStream(subkey, nonce.AsSpan(16, 8), KeyBytes + cipher.Length);
        if (!CryptographicOperations.FixedTimeEquals(Poly1305.Mac(stream.AsSpan(0, KeyBytes), cipher), box.Slice(KeyBytes, MacBytes)))
        {
            return null;
        }

        var message = new byte[cipher.Length];
        for (var i = 0; i < message.Length; i++)
        {
            message[i] = (byte)(cipher[i] ^ stream[KeyBytes + i]);
        }

        return message;
    }
}
