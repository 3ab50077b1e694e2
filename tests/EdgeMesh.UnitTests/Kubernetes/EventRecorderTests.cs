using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Recording;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class EventRecorderTests : IDisposable
{
    private readonly Bench _bench = new();
    private readonly EventRecorder _recorder;

    public EventRecorderTests() => _recorder = new EventRecorder(_bench.Client, "edgemesh-controller", "pod-1");

    private IReadOnlyList<KubeEventObject> Events => _bench.Api.All(KubeResources.Events);

    public void Dispose()
    {
        _recorder.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task An_event_of_a_node_is_where_describe_looks_for_it()
    {
        Assert.Equal("", await RecordAsync(_recorder, "edge-a", "KeyChanged", "the key changed"));
        KubeEventObject written = Assert.Single(Events);
        Assert.Equal("default", written.Metadata.Namespace);
        Assert.Equal(("Node", "edge-a", "edge-a"), (
            written.InvolvedObject!.Kind, written.InvolvedObject.Name, written.InvolvedObject.Uid));
        Assert.Equal(("Warning", "KeyChanged", "the key changed", 1), (
            written.Type, written.Reason, written.Message, written.Count));
        Assert.Equal("edgemesh-controller", written.ReportingComponent);
        Assert.Equal("2030-01-02T03:04:05Z", written.LastTimestamp);
    }

    [Fact]
    public async Task The_same_again_counts_up_also_after_a_new_start()
    {
        await RecordAsync(_recorder, "n", "KeyChanged", "m");
        _bench.Time.Advance(TimeSpan.FromSeconds(7));
        await RecordAsync(_recorder, "n", "KeyChanged", "m");
        await RecordAsync(_recorder, "n", "KeyChanged", "other");
        Assert.Equal(2, Events.Count);
        Assert.Contains(Events, one => one.Count == 2 && one.LastTimestamp == "2030-01-02T03:04:12Z");

        using var next = new EventRecorder(_bench.Client, "edgemesh-controller", "pod-2");
        await RecordAsync(next, "n", "KeyChanged", "m");
        await RecordAsync(next, "n", "KeyChanged", "m");
        Assert.Equal(2, Events.Count);
        Assert.Contains(Events, one => one.Count == 3);
    }

    [Fact]
    public async Task An_event_that_the_server_forgot_is_made_again()
    {
        await RecordAsync(_recorder, "n", "KeyChanged", "m");
        _bench.Api.Delete(KubeResources.Events, "default", Events[0].Metadata.Name);
        Assert.Equal("", await RecordAsync(_recorder, "n", "KeyChanged", "m"));
        Assert.Equal(1, Assert.Single(Events).Count);
    }

    [Fact]
    public async Task A_flood_about_one_object_is_cut_and_others_are_not()
    {
        for (int i = 0; i < EventRecorder.BurstEvents; i++)
        {
            Assert.Equal("", await RecordAsync(_recorder, "n", "InvalidPublication", $"m{i}"));
        }

        Assert.Contains("too many", await RecordAsync(_recorder, "n", "X", "m"), StringComparison.Ordinal);
        Assert.Equal(1, _recorder.Dropped);
        Assert.Equal("", await RecordAsync(_recorder, "other", "X", "m"));
        _bench.Time.Advance(EventRecorder.RefillInterval);
        Assert.Equal("", await RecordAsync(_recorder, "n", "X", "m"));
        Assert.NotEqual("", await RecordAsync(_recorder, "n", "X", "m2"));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_and_counted()
    {
        _bench.Api.Intercept = (_, _) => StandInAnswer.Status(403, "Forbidden", "no");
        string problem = await RecordAsync(_recorder, "n", "X", "m");
        Assert.Contains("resources: [\"events\"], verbs: [\"create\"]", problem, StringComparison.Ordinal);
        Assert.Equal(1, _recorder.Dropped);
    }

    [Fact]
    public async Task A_long_name_and_a_long_message_are_cut()
    {
        await RecordAsync(_recorder, new string('n', 253), "X", new string('m', 5000));
        KubeEventObject written = Assert.Single(Events);
        Assert.Equal(253, written.Metadata.Name.Length);
        Assert.Equal(1024, written.Message!.Length);
    }

    private static Task<string> RecordAsync(EventRecorder recorder, string node, string reason, string message) =>
        recorder.RecordAsync(
            KubeObjectReference.ToNode(node), isWarning: true, reason, message, CancellationToken.None);
}
