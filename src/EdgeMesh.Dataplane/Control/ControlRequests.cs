using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Dataplane.Control;

/// <summary>Answers the requests of the control channel. Runs on any thread but a worker's.</summary>
internal sealed class ControlRequests(RunningNode node)
{
    private readonly PeerRequests _peers = new(node);

    /// <summary>Answers one request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks; the server let it in.</param>
    /// <param name="cancellation">The caller is gone.</param>
    /// <exception cref="RequestRefusedException">It can't be met; code and sentence say why.</exception>
    public async ValueTask<Response> HandleAsync(
        Request request, ControlCaller caller, CancellationToken cancellation) =>
        request.BodyCase switch
    {
        Request.BodyOneofCase.ApplySnapshot => Applied(node.Mesh.Apply(request.ApplySnapshot)),
        Request.BodyOneofCase.ApplyDelta => Applied(node.Mesh.Apply(request.ApplyDelta)),
        Request.BodyOneofCase.Status =>
            new Response { Status = StatusReport.Build(NodeModel.Of(node), node.ControlReports.Read()) },
        Request.BodyOneofCase.Peers =>
            new Response { Peers = PeersReport.Build(await PeerModel.AllOfAsync(node)) },
        Request.BodyOneofCase.Routes =>
            new Response { Routes = RoutesReport.Build(node.Mesh.Applied, node.Options.Node) },
        Request.BodyOneofCase.Drops => new Response { Drops = DropsReport.Build(NodeModel.Of(node)) },
        Request.BodyOneofCase.Ping => new Response { Ping = await _peers.PingAsync(request.Ping, cancellation) },
        Request.BodyOneofCase.Reconnect =>
            new Response { Reconnected = await _peers.ReconnectAsync(request.Reconnect, cancellation) },
        Request.BodyOneofCase.Report => Keep(request.Report),
        _ => throw new RequestRefusedException(
            ErrorCode.Unsupported, "this data plane does not know the request: update edgemesh-dataplane"),
    };

    private Response Keep(ControlReport report)
    {
        node.ControlReports.Keep(report);
        return new Response { Reported = new Reported() };
    }

    private static Response Applied(MeshView view)
    {
        Applied applied = new() { Generation = view.Generation };
        applied.Conflicts.AddRange(view.Conflicts.Select(conflict => conflict.ToString()));
        return new Response { Applied = applied };
    }
}
