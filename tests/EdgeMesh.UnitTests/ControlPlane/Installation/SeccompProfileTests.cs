using System;
using System.IO;
using EdgeMesh.ControlPlane.Installation;
using EdgeMesh.Logging;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Installation;

public sealed class SeccompProfileTests : IDisposable
{
    private const string Profile = """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}""";
    private readonly TemporaryDirectory _directory = new();
    private readonly StructuredLog _log = new(TextWriter.Null, LogLevel.Info);

    private string Source => Path.Combine(_directory.Path, "source.json");

    private string Profiles => Path.Combine(_directory.Path, "seccomp");

    private string Target => Path.Combine(Profiles, SeccompProfile.Name);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_profile_is_put_where_the_kubelet_looks_and_may_be_read_by_all()
    {
        File.WriteAllText(Source, Profile);
        Assert.True(SeccompProfile.Install(Source, Profiles, _log));
        Assert.Equal(Profile, File.ReadAllText(Target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Target)!));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(Target));
    }

    [Fact]
    public void The_same_profile_is_left_alone_and_another_one_takes_its_place()
    {
        File.WriteAllText(Source, Profile);
        Assert.True(SeccompProfile.Install(Source, Profiles, _log));
        Assert.False(SeccompProfile.Install(Source, Profiles, _log));
        string other = Profile.Replace("ERRNO", "KILL", StringComparison.Ordinal);
        File.WriteAllText(Source, other);
        Assert.True(SeccompProfile.Install(Source, Profiles, _log));
        Assert.Equal(other, File.ReadAllText(Target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERR""")]
    [InlineData("""{"syscalls":[]}""")]
    [InlineData("""{"defaultAction":1}""")]
    [InlineData("[]")]
    public void What_is_no_profile_is_refused_and_the_one_in_place_stays(string text)
    {
        File.WriteAllText(Source, Profile);
        SeccompProfile.Install(Source, Profiles, _log);
        File.WriteAllText(Source, text);
        var refused = Assert.Throws<InvalidDataException>(() => SeccompProfile.Install(Source, Profiles, _log));
        Assert.Contains("no seccomp profile", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Profile, File.ReadAllText(Target));
    }

    [Fact]
    public void A_link_that_somebody_left_is_not_written_through()
    {
        string victim = Path.Combine(_directory.Path, "victim");
        File.WriteAllText(victim, "untouched");
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.CreateSymbolicLink(Target + ".new", victim);
        File.WriteAllText(Source, Profile);
        SeccompProfile.Install(Source, Profiles, _log);
        Assert.Equal("untouched", File.ReadAllText(victim));
    }
}
