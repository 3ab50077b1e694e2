using System.Buffers;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>The objects of one page of a list, being gathered.</summary>
/// <param name="limit">Most objects of the page; 0: no limit.</param>
internal sealed class ListPage(int limit)
{
    private readonly ArrayBufferWriter<byte> _items = new(64 * 1024);
    private int _count;

    /// <summary>Is there no room for another?</summary>
    public bool IsFull => limit > 0 && _count >= limit;

    /// <summary>Where the next page goes on; empty: this is the last.</summary>
    public string Continue { get; set; } = "";

    /// <summary>The objects' JSON, separated by commas.</summary>
    public System.ReadOnlySpan<byte> Items => _items.WrittenSpan;

    /// <summary>Begins an object: the caller writes its JSON into what it gets.</summary>
    public IBufferWriter<byte> Next()
    {
        if (_count++ > 0)
        {
            _items.Write(","u8);
        }

        return _items;
    }
}
