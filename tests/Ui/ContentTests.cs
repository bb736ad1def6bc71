namespace Onramp.Ui.Tests;

/// <summary>What is served beside pages.</summary>
[Collection(UiFixture.Collection)]
public sealed class ContentTests(UiFixture ui)
{
    [SkippableTheory]
    [InlineData("@temporalio/ui 2.38.0 (MIT)")]
    [InlineData("svelte 5.57.3 (MIT)")]
    [InlineData("@fontsource-variable/inter 5.3.0 (OFL-1.1)")]
    [InlineData("SIL OPEN FONT LICENSE")]
    public async Task The_licences_of_what_the_pages_carry_are_served_with_them(string text)
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        using var http = new HttpClient { BaseAddress = ui.Ui };

        var licences = await http.GetStringAsync(new Uri("licenses.txt", UriKind.Relative));

        licences.ShouldContain(text);
    }
}
