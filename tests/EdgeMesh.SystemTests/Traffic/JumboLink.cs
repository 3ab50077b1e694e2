using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>Gives a pod's link and its node's bridge an MTU of 9000 for a while; the TUN keeps its own.</summary>
public sealed class JumboLink : IAsyncDisposable
{
    private readonly LabPod _pod;

    private JumboLink(LabPod pod) => _pod = pod;

    public static async Task<JumboLink> OpenAsync(LabPod pod)
    {
        var link = new JumboLink(pod);
        await link.SetAsync("9000");
        return link;
    }

    public async ValueTask DisposeAsync() => await SetAsync("1500");

    private async Task SetAsync(string mtu)
    {
        string port = "pod" + _pod.Name[^1];
        (await _pod.Node.Network.RunAsync("ip", "link", "set", port, "mtu", mtu)).OrThrow();
        (await _pod.Node.Network.RunAsync("ip", "link", "set", "cni0", "mtu", mtu)).OrThrow();
        (await _pod.Network.RunAsync("ip", "link", "set", "eth0", "mtu", mtu)).OrThrow();

        // What it learned about paths belongs to the test that made it learn.
        (await _pod.Network.RunAsync("ip", "route", "flush", "cache")).OrThrow();
        (await _pod.Network.RunAsync("ip", "-6", "route", "flush", "cache")).OrThrow();
    }
}
