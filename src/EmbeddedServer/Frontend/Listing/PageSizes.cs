namespace Onramp.EmbeddedServer.Frontend.Listing;

internal static class PageSizes
{
    /// <summary>Nothing, and more than there may be, mean the most there may be.</summary>
    public static int Clamp(int asked) => asked is > 0 and <= Limits.VisibilityPageSize ? asked : Limits.VisibilityPageSize;
}
