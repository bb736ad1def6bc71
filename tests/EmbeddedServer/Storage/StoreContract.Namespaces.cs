using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>Namespaces.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task Namespaces_are_kept_and_replaced()
    {
        var row = new NamespaceRow("id-1", "default", [1], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });
        await Store.WriteNamespaceAsync(row);
        await Store.WriteNamespaceAsync(new NamespaceRow("id-2", "another", [2], new Dictionary<string, IndexedValueType>()));
        await Store.WriteNamespaceAsync(row with { Data = [3] });

        var rows = Store.ReadNamespaces();

        rows.Select(one => one.Name).ShouldBe(["another", "default"]);
        rows[1].Data.ShouldBe([3]);
        rows[1].SearchAttributes.ShouldBe(row.SearchAttributes);
        Store.ReadNamespaces().ShouldBeSameAs(rows);
    }

    [Fact]
    public async Task Two_namespaces_cannot_have_one_name()
    {
        var none = new Dictionary<string, IndexedValueType>();
        await Store.WriteNamespaceAsync(new NamespaceRow("id-1", "default", [1], none));

        await Should.ThrowAsync<InvalidOperationException>(() => Store.WriteNamespaceAsync(new NamespaceRow("id-2", "default", [2], none)));

        Store.ReadNamespaces().ShouldHaveSingleItem().Id.ShouldBe("id-1");
    }
}
