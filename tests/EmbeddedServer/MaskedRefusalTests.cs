using System.Text;

namespace Onramp.EmbeddedServer.Tests;

public sealed class MaskedRefusalTests
{
    /// <summary>The numbers are the original library's.</summary>
    [Theory]
    [InlineData("", 0xdc56d17au)]
    [InlineData("abc", 0x2f635ec7u)]
    [InlineData("hello world", 0x19a7581au)]
    [InlineData("something of 20 chars", 0xa1ce3419u)]
    [InlineData("the quick brown fox jumps over the lazy dog, and over the others", 0xe7af7000u)]
    public void Texts_of_every_length_have_the_fingerprint_that_FarmHash_gives_them(string text, uint fingerprint)
    {
        FarmHash.Fingerprint32(Encoding.UTF8.GetBytes(text)).ShouldBe(fingerprint);
    }

    [Fact]
    public void A_masked_text_is_a_number_for_its_caller()
    {
        var refusal = MaskedRefusal.Of(RefusalKind.Unknown, "invalid character 'o' in literal null (expecting 'u')");

        refusal.Message.ShouldBe("something went wrong, please retry (61f8d6d1)");
    }
}
