using System;
using System.IO;

namespace EdgeMesh.UnitTests.ControlChannel;

/// <summary>A directory of one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("em-c-");

    internal string Path => _directory.FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
