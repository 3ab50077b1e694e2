using System;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Identity;

public sealed class IdentityFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private readonly string _root = Directory.CreateTempSubdirectory("edgemesh-identity-").FullName;
    private readonly string _state;
    private readonly string _file;

    public IdentityFileTests()
    {
        _state = Path.Combine(_root, "state");
        _file = Path.Combine(_state, IdentityFile.FileName);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void First_start_makes_a_key_that_stays_and_that_only_the_owner_reads()
    {
        using KeyPair made = IdentityFile.LoadOrCreate(_state);
        using KeyPair loaded = IdentityFile.LoadOrCreate(_state);

        Assert.Equal(made.PeerId, loaded.PeerId);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_file));
        Assert.Equal(OwnerDirectory, File.GetUnixFileMode(_state));
        Assert.Equal(IdentityLimits.PrivateKeyProtobufBytes, new FileInfo(_file).Length);
        Assert.Equal([_file], Directory.GetFileSystemEntries(_state));
    }

    [Fact]
    public void Two_nodes_get_two_keys()
    {
        using KeyPair one = IdentityFile.LoadOrCreate(_state);
        using KeyPair other = IdentityFile.LoadOrCreate(Path.Combine(_root, "other"));
        Assert.NotEqual(one.PeerId, other.PeerId);
    }

    [Fact]
    public async Task Processes_that_start_together_get_the_same_key()
    {
        var starts = new Task<PeerId>[8];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = Task.Run(() =>
            {
                using KeyPair pair = IdentityFile.LoadOrCreate(_state);
                return pair.PeerId;
            });
        }

        PeerId[] ids = await Task.WhenAll(starts);
        Assert.All(ids, id => Assert.Equal(ids[0], id));
        Assert.Equal([_file], Directory.GetFileSystemEntries(_state));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void Key_that_others_may_touch_is_refused_with_a_remedy(UnixFileMode extra)
    {
        IdentityFile.LoadOrCreate(_state).Dispose();
        File.SetUnixFileMode(_file, OwnerOnly | extra);

        IdentityFileException error = Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(_state));
        Assert.Contains(_file, error.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_that_only_the_owner_reads_needs_no_write_permission()
    {
        using KeyPair made = IdentityFile.LoadOrCreate(_state);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead);
        using KeyPair loaded = IdentityFile.LoadOrCreate(_state);
        Assert.Equal(made.PeerId, loaded.PeerId);
    }

    [Fact]
    public void Directory_that_others_may_write_is_refused_with_a_remedy()
    {
        Directory.CreateDirectory(_state);
        File.SetUnixFileMode(_state, OwnerDirectory | UnixFileMode.OtherWrite);

        IdentityFileException error = Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(_state));
        Assert.Contains("chmod 700", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("08011240")]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    public void Damaged_key_is_refused_and_never_replaced(string hex)
    {
        IdentityFile.LoadOrCreate(_state).Dispose();
        byte[] damaged = Convert.FromHexString(hex);
        File.WriteAllBytes(_file, damaged);

        IdentityFileException error = Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(_state));
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(_file));
    }

    [Fact]
    public void Endless_file_is_refused()
    {
        IdentityFile.LoadOrCreate(_state).Dispose();
        File.WriteAllBytes(_file, new byte[1_000_000]);
        Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(_state));
    }

    [Fact]
    public void State_that_is_a_file_is_named_with_cause()
    {
        File.WriteAllText(_state, string.Empty);
        IdentityFileException error = Assert.Throws<IdentityFileException>(() => IdentityFile.LoadOrCreate(_state));
        Assert.Contains(_state, error.Message, StringComparison.Ordinal);
    }
}
