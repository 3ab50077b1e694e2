using System;
using System.Linq;
using System.Reflection;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What two projects must agree on though neither references the other: each has its own constant.</summary>
/// <remarks>
/// A name is the end of a constant's full name, so that a type may move. Where one project may reference the other,
/// the constant is written once and needs no row.
/// </remarks>
public sealed class SharedConstantTests
{
    private const BindingFlags AnyConstant =
        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("Packets.Limits.FrameHeaderBytes", "YamuxHeader.SizeBytes")] // headroom for the frame's header
    [InlineData("Packets.Limits.TailroomBytes", "NoiseLimits.TagBytes")] // room for the cipher's tag
    [InlineData("Capsule.FramePayloadBytesMax", "YamuxLimits.PayloadBytesMax")] // a frame fits one Noise message
    [InlineData("BufferLimits.MessageBytes", "ConnectionLimits.MessageBytesMax")] // a buffer holds one Noise message
    public void The_frame_of_a_packet_is_the_same_for_pool_capsules_connection_and_socket(string one, string other) =>
        AssertEqual(one, other);

    [Theory]
    [InlineData("TunDevice.Alias", "KernelMarks.LinkAlias")] // by which the control plane knows our link
    [InlineData("DataplaneOptions.TunNameDefault", "KernelMarks.LinkNameDefault")] // where nobody says --tun
    [InlineData("RouteSocket.Ipv6MtuBytesMin", "Packets.Limits.MtuBytesMin")]
    public void The_link_is_the_same_for_data_plane_control_plane_and_kernel(string one, string other) =>
        AssertEqual(one, other);

    // The lab is no part of the product, whose assemblies alone are loaded here: its constant is read as text.
    [Fact]
    public void The_lab_counts_on_the_link_of_the_product() => Assert.Contains(
        $"const string Link = \"{Value("DataplaneOptions.TunNameDefault")}\";",
        Repository.Read("perf/EdgeMesh.Perf/Lab/TunQueueMeasurement.cs"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ControlLimits.NodeNameBytesMax", "Hello.NodeNameBytesMax")]
    [InlineData("ControlLimits.PeerIdBytesMax", "PeerIdLimits.PeerIdBytesMax")]
    [InlineData("ControlLimits.SocketPathBytesMax", "MultiaddrLimits.PathBytesMax")] // sun_path of unix(7)
    public void What_the_mesh_document_may_say_is_what_the_data_plane_takes(string one, string other) =>
        AssertEqual(one, other);

    [Theory]
    [InlineData("DataplaneOptions.WorkersMax", "Hello.LaneCountMax")] // a peer opens a lane for each of its workers
    [InlineData("DataplaneOptions.WorkersMax", "WorkerSet.WorkersMax")] // one bit each
    public void Each_worker_may_have_its_lane(string one, string other) => AssertEqual(one, other);

    [Theory]
    [InlineData("DescriptorBudget.DialAttemptsUpperMax", "DialSlots.AttemptsMaxDefault")]
    [InlineData("DescriptorBudget.HandshakesUpperMax", "Handshakes.PendingMaxDefault")]
    public void What_links_may_hold_is_what_the_process_gives_them(string one, string other) => AssertEqual(one, other);

    [Theory]
    [InlineData("Success")]
    [InlineData("Failure")]
    [InlineData("Usage")]
    public void Exit_codes_mean_the_same_in_each_process(string name) =>
        AssertEqual($"Cli.ExitCodes.{name}", $"ControlPlane.ExitCodes.{name}");

    private static void AssertEqual(string one, string other) => Assert.Equal(Value(one), Value(other));

    // As text: an int may equal a byte.
    private static string Value(string name)
    {
        FieldInfo[] found =
        [
            .. ProductAssemblies.All
                .SelectMany(assembly => assembly.GetTypes())
                .SelectMany(type => type.GetFields(AnyConstant))
                .Where(field => field.IsLiteral && $".{field.DeclaringType!.FullName}.{field.Name}".EndsWith(
                    $".{name}", StringComparison.Ordinal)),
        ];
        Assert.True(found.Length == 1, $"{found.Length} constants are named {name}: the row needs its new name, or "
            + "goes if one of the two went");
        return $"{found[0].GetRawConstantValue()}";
    }
}
