using System.Numerics;

namespace Onramp.Sandbox.GitHub.Crypto;

/// <summary>Diffie-Hellman on Curve25519 (RFC 7748), by the Montgomery ladder. Not constant time: the keys guard nothing.</summary>
internal static class X25519
{
    private static readonly BigInteger s_prime = BigInteger.Pow(2, 255) - 19;

    public static byte[] PublicKey(byte[] secret)
    {
        var basePoint = new byte[32];
        basePoint[0] = 9;
        return Multiply(secret, basePoint);
    }

    public static byte[] Multiply(byte[] secret, byte[] point)
    {
        var scalar = (byte[])secret.Clone();
        scalar[0] &= 248;
        scalar[31] = (byte)((scalar[31] & 127) | 64);
        var masked = (byte[])point.Clone();
        masked[31] &= 127;
        var x1 = new BigInteger(masked, isUnsigned: true) % s_prime;
        var (x2, z2, x3, z3) = (BigInteger.One, BigInteger.Zero, x1, BigInteger.One);
        var swapped = 0;
        for (var bit = 254; bit >= 0; bit--)
        {
            var current = (scalar[bit / 8] >> (bit % 8)) & 1;
            if ((swapped ^ current) == 1)
            {
                (x2, x3, z2, z3) = (x3, x2, z3, z2);
            }

            swapped = current;
            var (a, b) = (x2 + z2, Mod(x2 - z2));
            var (aa, bb) = (Mod(a * a), Mod(b * b));
            var e = Mod(aa - bb);
            var (da, cb) = (Mod((x3 - z3) * a), Mod((x3 + z3) * b));
            x3 = Mod((da + cb) * (da + cb));
            z3 = Mod(x1 * Mod((da - cb) * (da - cb)));
            x2 = Mod(aa * bb);
            z2 = Mod(e * (aa + (121665 * e)));
        }

        if (swapped == 1)
        {
            (x2, z2) = (x3, z3);
        }

        var result = Mod(x2 * BigInteger.ModPow(z2, s_prime - 2, s_prime)).ToByteArray(isUnsigned: true);
        Array.Resize(ref result, 32);
        return result;
    }

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % s_prime;
        return rest.Sign < 0 ? rest + s_prime : rest;
    }
}
