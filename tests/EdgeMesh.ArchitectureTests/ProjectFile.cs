using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace EdgeMesh.ArchitectureTests;

/// <summary>One csproj file.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    /// <summary>Reads a project.</summary>
    /// <param name="path">Path from the root.</param>
    public ProjectFile(string path)
    {
        ProjectPath = path;
        _document = XDocument.Parse(Repository.Read(path));
    }

    /// <summary>Path from the root.</summary>
    public string ProjectPath { get; }

    /// <summary>Name without <c>EdgeMesh.</c>, as the style guide's table has it.</summary>
    public string Name => Path.GetFileNameWithoutExtension(ProjectPath)["EdgeMesh.".Length..];

    /// <summary>Name of what it is compiled to.</summary>
    public string AssemblyName =>
        _document.Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(ProjectPath);

    /// <summary>Whether it is part of the product.</summary>
    public bool IsProduct =>
        ProjectPath.StartsWith("src/", StringComparison.Ordinal)
        || ProjectPath.StartsWith("native-interop/", StringComparison.Ordinal);

    /// <summary>Names of the projects it references.</summary>
    public IEnumerable<string> References =>
        Includes("ProjectReference").Select(include => Path.GetFileNameWithoutExtension(include)["EdgeMesh.".Length..]);

    /// <summary>Names of the packages it references.</summary>
    public IEnumerable<string> Packages => Includes("PackageReference");

    /// <summary>Whether it allows unsafe code.</summary>
    public bool AllowsUnsafe => _document.Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true");

    /// <summary>Whether it names a version of a package.</summary>
    public bool NamesVersions => _document.Descendants("PackageReference").Any(element =>
        element.Attribute("Version") is not null
        || element.Attribute("VersionOverride") is not null
        || element.Element("Version") is not null);

    /// <inheritdoc/>
    public override string ToString() => ProjectPath;

    private IEnumerable<string> Includes(string element) =>
        _document.Descendants(element).Select(reference => reference.Attribute("Include")!.Value);
}
