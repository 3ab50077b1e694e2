using System.Formats.Tar;
using System.IO;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>A file of an image.</summary>
/// <param name="Name">Its name in the archive.</param>
/// <param name="Type">File, link or directory.</param>
/// <param name="Mode">Who may do what with it.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Bytes">What is in it.</param>
internal sealed record ImageFile(string Name, TarEntryType Type, UnixFileMode Mode, int User, byte[] Bytes);
