using System.Numerics;

namespace Onramp.Sandbox.GitHub.Crypto;

/// <summary>The one-time authenticator of RFC 8439.</summary>
internal static class Poly1305
{
    private static readonly BigInteger s_prime = BigInteger.Pow(2, 130) - 5;
    private static readonly BigInteger s_clamp = BigInteger.Parse("00ffffffc0ffffffc0ffffffc0fffffff", System.Globalization.NumberStyles.HexNumber, null);

    public static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        var r = new BigInteger(key[..16], isUnsigned: true) & s_clamp;
        var s = new BigInteger(key.Slice(16, 16), isUnsigned: true);
        var sum = BigInteger.Zero;
        for (var i = 0; i < message.Length; i += 16)
        {
            var block = message.Slice(i, Math.Min(16, message.Length - i));
            sum = (sum + new BigInteger(block, isUnsigned: true) + (BigInteger.One << (8 * block.Length))) * r % s_prime;
        }

        var tag = ((sum + s) % (BigInteger.One << 128)).ToByteArray(isUnsigned: true);
        Array.Resize(ref tag, 16);
        return tag;
    }
}
