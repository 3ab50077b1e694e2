using System;
using EdgeMesh.Io.Tun;
using EdgeMesh.Native;
using Xunit;

namespace EdgeMesh.UnitTests.Io;

/// <summary>Every error that the operator can cause ends in a sentence with cause and remedy.</summary>
public sealed class TunErrorTests
{
    [Theory]
    [InlineData("", 1500, "--tun")]
    [InlineData("edge_tun0_is_too_long", 1500, "1 to 15 characters")]
    [InlineData("edge/tun", 1500, "no blank")]
    [InlineData("edge tun", 1500, "no blank")]
    [InlineData("edge%d", 1500, "no blank")]
    [InlineData("..", 1500, "the kernel uses that name itself")]
    [InlineData("edge_tun0", 1279, "--mtu")]
    [InlineData("edge_tun0", 65521, "--mtu")]
    public void Wrong_options_are_refused_before_the_kernel_is_asked(string name, int mtuBytes, string part)
    {
        TunException exception = Assert.Throws<TunException>(
            () => TunDevice.Open(new TunOptions(name, mtuBytes, Queues: 1, Offload: true)));
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.Contains("choose", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOENT, "modprobe tun")]
    [InlineData(Errno.EPERM, "CAP_NET_ADMIN")]
    [InlineData(Errno.EACCES, "/dev/net/tun")]
    [InlineData(Errno.EBUSY, "stop the process that has it")]
    [InlineData(Errno.EINVAL, "--tun")]
    [InlineData(Errno.E2BIG, "--workers")]
    [InlineData(Errno.EMFILE, "ulimit -n")]
    [InlineData(Errno.EIO, "EIO")]
    public void Errors_of_the_kernel_name_cause_and_remedy(int errno, string part)
    {
        TunException exception = TunDevice.Explain("edge_tun0", errno);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.Equal(errno, exception.Errno);
    }
}
