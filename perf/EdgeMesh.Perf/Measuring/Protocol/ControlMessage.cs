using System;
using System.Text.Json;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>
/// One message of a control connection: exactly one of its parts is there, or none, which is a bare word of the order.
/// </summary>
/// <remarks>
/// The order: client <see cref="Request"/>, server <see cref="Grant"/> or <see cref="Refusal"/>; the client opens its
/// connections; client <see cref="MessageWord.Start"/>, server <see cref="MessageWord.Started"/>; traffic;
/// client <see cref="MessageWord.Finish"/>, server <see cref="Outcome"/>.
/// </remarks>
public sealed record ControlMessage
{
    /// <summary>Largest message, bytes of JSON: a series of the greatest length fits.</summary>
    public const int BytesMax = 512 << 10;

    /// <summary>What it says.</summary>
    public MessageWord Word { get; set; }

    /// <summary>With <see cref="MessageWord.Request"/>.</summary>
    public MeasurementRequest? Request { get; set; }

    /// <summary>With <see cref="MessageWord.Grant"/>.</summary>
    public MeasurementGrant? Grant { get; set; }

    /// <summary>With <see cref="MessageWord.Refusal"/>: a sentence for the operator of the client.</summary>
    public string? Refusal { get; set; }

    /// <summary>With <see cref="MessageWord.Outcome"/>.</summary>
    public SideOutcome? Outcome { get; set; }

    /// <summary>Reads a message and checks all that can be checked of it alone.</summary>
    /// <returns>False if it is none; a hostile peer's bytes do no more than that.</returns>
    public static bool TryParse(ReadOnlySpan<byte> json, out ControlMessage message)
    {
        message = new ControlMessage();
        if (json.Length > BytesMax)
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(json, ProtocolJson.Default.ControlMessage) is not { } read)
            {
                return false;
            }

            message = read;
        }
        catch (JsonException)
        {
            return false;
        }

        return message.Word switch
        {
            MessageWord.Request => message.Request is { } request && request.Problem() is null,
            MessageWord.Grant => message.Grant is { UdpPort: >= 0 and <= ushort.MaxValue },
            MessageWord.Refusal => message.Refusal is not null,
            MessageWord.Outcome => message.Outcome is { } outcome && outcome.IsPlausible(),
            MessageWord.Start or MessageWord.Started or MessageWord.Finish => true,
            _ => false,
        };
    }

    /// <summary>Its JSON.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ProtocolJson.Default.ControlMessage);
}
