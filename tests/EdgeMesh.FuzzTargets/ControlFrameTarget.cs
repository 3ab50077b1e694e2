using System;
using System.IO;
using System.Threading;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.FuzzTargets;

/// <summary>What a client sends to the control socket.</summary>
public static class ControlFrameTarget
{
    /// <summary>Reads requests until the bytes end.</summary>
    /// <param name="bytes">The bytes of a connection.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray());
        var reader = new MessageReader<Request>(stream, Request.Parser);
        MeshDocument? document = null;
        try
        {
            // A memory stream never waits, so neither does the reader.
            while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is Request request)
            {
                document = Apply(document, request);
            }
        }
        catch (ControlChannelException)
        {
            // The connection ends.
        }
    }

    private static MeshDocument? Apply(MeshDocument? document, Request request)
    {
        try
        {
            return request.BodyCase switch
            {
                Request.BodyOneofCase.ApplySnapshot => MeshDocuments.Validate(request.ApplySnapshot) is null
                    ? request.ApplySnapshot : document,
                Request.BodyOneofCase.ApplyDelta => MeshDocuments.Apply(document, request.ApplyDelta),
                _ => document,
            };
        }
        catch (RequestRefusedException)
        {
            return document;
        }
    }
}
