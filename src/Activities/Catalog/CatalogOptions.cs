using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Catalog;

/// <summary>How to reach Backstage. Section <c>Onramp:Catalog</c>.</summary>
public sealed class CatalogOptions
{
    public const string Section = "Onramp:Catalog";

    /// <summary>Address of the backend, without <c>/api/catalog</c>. Default <c>http://127.0.0.1:7007</c>.</summary>
    [Required, Url]
    public string BaseUrl { get; set; } = "http://127.0.0.1:7007";

    /// <summary>Address of the pages that people look at. Default: <see cref="BaseUrl"/>, where one server does both.</summary>
    [Url]
    public string? PortalUrl { get; set; }

    /// <summary>Static external-access token.</summary>
    public string? Token { get; set; }

    /// <summary>System that components are part of; empty for none.</summary>
    public string System { get; set; } = "";
}
