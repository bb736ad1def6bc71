using System.Text;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.GitHub.Crypto;

namespace Onramp.Sandbox.Tests.GitHub;

/// <summary>A box that libsodium made.</summary>
public sealed class SealedBoxTests
{
    private static readonly byte[] s_private = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static readonly byte[] s_box = Convert.FromBase64String("ZLEBsdC+WocEvQePmJUAH8A+jp+VIvGI3RKNmEbUhGaMgtZJyolAw0mIKq3sbmf5jBRrJSRJAkoND5fU");

    [Fact]
    public void Public_key_belongs_to_the_private_one() =>
        Convert.ToBase64String(X25519.PublicKey(s_private)).ShouldBe("B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=");

    [Fact]
    public void Box_opens_to_its_message() => Encoding.ASCII.GetString(SealedBox.Open(s_box, Key())!).ShouldBe("s3cr3t-value");

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(59)]
    public void Changed_box_does_not_open(int position)
    {
        var box = (byte[])s_box.Clone();
        box[position] ^= 1;
        SealedBox.Open(box, Key()).ShouldBeNull();
    }

    [Fact]
    public void Nonce_hash_of_nothing_is_known() =>
        Convert.ToHexStringLower(Blake2b.Hash([], 24)).ShouldBe("ab3b5331a7135ed50d0f182d026e60abdb3646fd51bcf8a3");

    private static SealingKey Key() => new("1", s_private, X25519.PublicKey(s_private));
}
