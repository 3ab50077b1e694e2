using System.Collections.Generic;
using EdgeMesh.Perf.Scale.Api;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Scale;

public sealed class ObjectSelectorTests
{
    private static readonly ObjectFacts Facts = new("kubeedge", "edgemesh-mesh")
    {
        Labels = new Dictionary<string, string> { ["part"] = "edgemesh", ["kind"] = "mesh" },
        NodeName = "node-1",
        Phase = "Running",
    };

    [Theory]
    [InlineData("", "", "", true)]
    [InlineData("kubeedge", "", "", true)]
    [InlineData("default", "", "", false)]
    [InlineData("", "kind=mesh", "", true)]
    [InlineData("", "kind==mesh,part=edgemesh", "", true)]
    [InlineData("", "kind=node", "", false)]
    [InlineData("", "kind!=node", "", true)]
    [InlineData("", "kind!=mesh", "", false)]
    [InlineData("", "kind in (mesh, trust),part", "", true)]
    [InlineData("", "kind notin (mesh,trust)", "", false)]
    [InlineData("", "part", "", true)]
    [InlineData("", "!part", "", false)]
    [InlineData("", "!other", "", true)]
    [InlineData("", "", "metadata.name=edgemesh-mesh", true)]
    [InlineData("", "", "spec.nodeName=node-2", false)]
    [InlineData("", "", "status.phase!=Succeeded,status.phase!=Failed", true)]
    public void Selects(string ns, string labels, string fields, bool isSelected) =>
        Assert.Equal(isSelected, ObjectSelector.Parse(ns, labels, fields)!.Matches(Facts));

    [Theory]
    [InlineData("kind within (a)", "")]
    [InlineData("", "spec.hostNetwork=false")]
    [InlineData("", "metadata.name")]
    public void What_is_no_selector_is_refused(string labels, string fields) =>
        Assert.Null(ObjectSelector.Parse("", labels, fields));
}
