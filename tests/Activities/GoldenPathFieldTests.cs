using Onramp.Activities.GitHub;
using Onramp.Workflows.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Onramp.Activities.Tests;

/// <summary>F02: text from people written into YAML comes back as the same text.</summary>
public sealed class GoldenPathFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    public static TheoryData<string> Words =>
    [
        "true", "null", "~", "1.0", "0x1f", "1e3", "no", "on", "2026-11-27", "a: b", "# no comment", "- item", "*anchor", "!tag", "{a}", "%dir", "@at", "`tick`",
        "\"quoted\"", "it's", "back\\slash", " spaces ", "line\u2028separator", "paragraph\u2029separator", "next\u0085line", "tab\tbed", "two\nlines", "\ufeffmark", "snow\u2603",
    ];

    [Theory]
    [MemberData(nameof(Words))]
    public async Task F02_every_word_comes_back_from_the_catalog_file_as_text(string word)
    {
        var metadata = (YamlMappingNode)(await ReadAsync(GoldenPathFiles.CatalogInfo, word))["metadata"];

        (Text(metadata["name"]), Text(metadata["description"]), Text(metadata["labels"]["platform.io/team"])).ShouldBe((word, word, word));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task F02_every_word_comes_back_from_the_settings_as_text(string word)
    {
        var settings = await ReadAsync(GoldenPathFiles.ServiceSettings, word);

        (Text(settings["name"]), Text(settings["team"]), Text(settings["language"])).ShouldBe((word, word, word));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("false")]
    public async Task F02_a_service_named_by_a_word_of_YAML_appears_in_the_catalog(string name)
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Name = name });
        await run.DoUntilAsync(StepIds.Catalog);

        (await run.DoAsync(StepIds.Catalog)).Warning.ShouldBeNull();

        (await run.KeysAsync()).ShouldContain($"catalog entity component:default/{name}");
    }

    private async Task<YamlMappingNode> ReadAsync(string path, string word)
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Name = word, Team = word, Description = word, Language = word });
        var content = GoldenPathFiles.For(run.Input(StepIds.Files)).Single(f => f.Path == path).Content;
        var stream = new YamlStream();
        stream.Load(new StringReader(content));
        return (YamlMappingNode)stream.Documents.ShouldHaveSingleItem().RootNode;
    }

    /// <summary>The value, which must not be plain: other readers give plain scalars other types.</summary>
    private static string? Text(YamlNode node)
    {
        var scalar = node.ShouldBeOfType<YamlScalarNode>();
        scalar.Style.ShouldBe(ScalarStyle.DoubleQuoted);
        return scalar.Value;
    }
}
