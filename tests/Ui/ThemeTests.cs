namespace Onramp.Ui.Tests;

/// <summary>Light and dark.</summary>
[Collection(UiFixture.Collection)]
public sealed class ThemeTests(UiFixture ui)
{
    [SkippableTheory]
    [InlineData(false, "light", "rgb(248, 250, 252)")]
    [InlineData(true, "dark", "rgb(20, 20, 20)")]
    public async Task Pages_have_the_theme_that_was_chosen(bool dark, string theme, string background)
    {
        await using var page = await ui.OpenAsync("namespaces/default/workflows", dark);
        await page.SeeAsync("onboarding-orders-development");
        await page.PictureAsync($"ui-{theme}");

        var shown = await page.Page.EvaluateAsync<string>("document.body.dataset.theme + ' ' + getComputedStyle(document.body).backgroundColor");

        shown.ShouldBe($"{theme} {background}");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task The_theme_is_changed_by_a_button_and_remembered()
    {
        await using var page = await ui.OpenAsync("namespaces");
        await page.PressAsync("Day");

        await page.Page.ReloadAsync();
        await page.SeeAsync("Retention");

        (await page.Page.EvaluateAsync<string>("document.body.dataset.theme")).ShouldBe("dark");
    }
}
