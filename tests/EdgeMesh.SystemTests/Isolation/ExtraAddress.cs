using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.SystemTests.Isolation;

/// <summary>Gives a namespace an address it should not have, for a while.</summary>
internal sealed class ExtraAddress : IAsyncDisposable
{
    private readonly LabNamespace _space;
    private readonly string _address;

    private ExtraAddress(LabNamespace space, string address)
    {
        _space = space;
        _address = address + (address.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
    }

    public static async Task<ExtraAddress> AddAsync(LabNamespace space, string address)
    {
        var extra = new ExtraAddress(space, address);

        // Without nodad an IPv6 address is tentative for a moment, and cannot be a source.
        string[] flags = extra._address.Contains(':', StringComparison.Ordinal) ? ["nodad"] : [];
        (await space.RunAsync(["ip", "addr", "add", extra._address, "dev", "lo", .. flags])).OrThrow();
        return extra;
    }

    public async ValueTask DisposeAsync() =>
        (await _space.RunAsync("ip", "addr", "del", _address, "dev", "lo")).OrThrow();
}
