using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>The table of projects in the style guide, section 1.</summary>
public sealed class ProjectTests
{
    [Fact]
    public void Product_projects_reference_only_what_their_row_allows()
    {
        foreach (ProjectFile project in Repository.Projects.Where(project => project.IsProduct))
        {
            Assert.True(ProjectTable.References.TryGetValue(project.Name, out string[]? allowed),
                $"{project} has no row in the table");
            Rule.Empty(
                project.References.Except(allowed),
                $"{project} references more than its row allows; put the code where the reference isn't needed");
        }
    }

    [Fact]
    public void Pure_projects_take_no_packages() => Rule.Empty(
        from project in Repository.Projects
        where ProjectTable.Packages.ContainsKey(project.Name)
        from package in project.Packages.Except(ProjectTable.Packages[project.Name])
        select $"{project}: {package}",
        "pure projects take no packages");

    [Fact]
    public void Only_native_allows_unsafe_code() => Assert.Equal(
        ["Native"],
        Repository.Projects
            .Where(project => project.IsProduct && project.AllowsUnsafe)
            .Select(project => project.Name));

    [Fact]
    public void Versions_of_packages_are_named_centrally_only() => Rule.Empty(
        Repository.Projects.Where(project => project.NamesVersions), "versions belong into Directory.Packages.props");

    [Fact]
    public void Each_central_version_is_used()
    {
        string[] used = [.. Repository.Projects.SelectMany(project => project.Packages).Distinct()];
        Rule.Empty(CentralPackages().Except(used), "nobody uses the package");
    }

    [Fact]
    public void Each_product_package_is_named_in_a_decision_record()
    {
        string decisions = string.Join('\n', Repository.Files
            .Where(path => path.StartsWith("docs/decisions/", StringComparison.Ordinal))
            .Select(Repository.Read));
        Rule.Empty(
            Repository.Projects
                .Where(project => project.IsProduct)
                .SelectMany(project => project.Packages)
                .Distinct()
                .Where(package => !decisions.Contains(package, StringComparison.Ordinal)),
            "a product package needs a decision record in docs/decisions that names it");
    }

    [Fact]
    public void Each_project_is_in_the_solution()
    {
        string solution = Repository.Read("EdgeMesh.Dataplane.sln").Replace('\\', '/');
        Rule.Empty(
            Repository.Projects.Where(project => !solution.Contains(project.ProjectPath, StringComparison.Ordinal)),
            "not in EdgeMesh.Dataplane.sln");
    }

    private static IEnumerable<string> CentralPackages() =>
        XDocument.Parse(Repository.Read("Directory.Packages.props"))
            .Descendants("PackageVersion")
            .Select(element => element.Attribute("Include")!.Value);
}
