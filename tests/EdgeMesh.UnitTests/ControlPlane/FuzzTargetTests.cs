using System;
using System.IO;
using EdgeMesh.FuzzTargets;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

/// <summary>
/// Replays the corpus of the control side's fuzz targets, and what comes of changing its files at random.
/// </summary>
public sealed class FuzzTargetTests
{
    private const int ChangesPerFile = 1000;

    private delegate void Target(ReadOnlySpan<byte> bytes);

    [Fact]
    public void Mesh_files() => Replay("MeshFile", MeshFileTarget.Run);

    [Fact]
    public void Control_frames() => Replay("ControlFrame", ControlFrameTarget.Run);

    [Fact]
    public void Snapshots() => Replay("Snapshot", SnapshotTarget.Run);

    [Fact]
    public void Netlink_replies() => Replay("Netlink", NetlinkTarget.Run);

    private static void Replay(string name, Target target)
    {
        // The same inputs each time; set EDGEMESH_FUZZ_SEED to another number to look elsewhere.
        string? wanted = Environment.GetEnvironmentVariable("EDGEMESH_FUZZ_SEED");
        int seed = int.TryParse(wanted, out int number) ? number : 1930488002;
        var random = new Random(seed);
        string[] files = Directory.GetFiles(Path.Combine(Root(), "tests/EdgeMesh.FuzzTargets/Corpus", name));
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] original = File.ReadAllBytes(file);
            target(original);
            for (int i = 0; i < ChangesPerFile; i++)
            {
                byte[] changed = Change(original, random);
                try
                {
                    target(changed);
                }
                catch (Exception e)
                {
                    Assert.Fail($"{file}, seed {seed}, change {i}, {Convert.ToHexString(changed)}: {e}");
                }
            }
        }
    }

    private static byte[] Change(byte[] original, Random random)
    {
        byte[] bytes = (byte[])original.Clone();
        for (int change = random.Next(6); change >= 0 && bytes.Length > 0; change--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    break;
            }
        }

        return bytes;
    }

    private static string Root()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "EdgeMesh.Dataplane.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
