namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>
/// A handshake of flynn/noise v1.0.0 with fixed keys: the X25519 private keys are 32 times 01 and 02 (initiator's
/// static and ephemeral one), 03 and 04 (responder's). Hexadecimal; frames with their length.
/// </summary>
internal static class NoiseTranscript
{
    public const string InitiatorStatic =
        "a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209";

    public const string InitiatorEphemeral =
        "ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59";

    public const string ResponderStatic =
        "5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22";

    public const string ResponderEphemeral =
        "ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10b";

    public const string InitiatorPayload =
        "0a2408011220497de2c40f68632a141790ecce87d08c287aa0245713b2ecc080118ce9befe361240c7004774e91a3313012b"
        + "7e4960d3c7adcbf94d43f1342a0cee5dc3f0580c1052b8d5be7c25864ac9b351735f6cfdd8451005eacdc9f591ed8dd8446b"
        + "a29b8e05220e120c2f79616d75782f312e302e30";

    public const string ResponderPayload =
        "0a24080112208c79d94b8634050ef7fb0d6a797183aa68be0bf5a39c0184bf3e21451cedecee12400cb0caa801e67d7bbc0b"
        + "be3140989748de25fc8c6bb597dbe13f5dbef13dc8a3f8b3cff0005775f8214b73fa26cbe0b38171a7b17e489856a4f98313"
        + "913d5e05220e120c2f79616d75782f312e302e30";

    public const string Frame1 =
        "0020ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59";

    public const string Frame2 =
        "00d8ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10bb719b14d19eaf5ca91c89748c5ce8668"
        + "e6864f05ee2367682b3e0c2fd086f0b4f64162733f3fe548251c518fe8c03ccea02da3639e59116cf5c672bfa0b036631a28"
        + "7ac09afd65e6363c4776c26d97b10bae1609e4ff7a020e5df162a508a77784f223dc44f6183e1cc71bfed2e1a487394e3c54"
        + "53d5fed1bb98762513338b381d4310ac01c4d751596403012298987a87aeb32d0061673a956092ddb10cc9f7246b6354d8dc"
        + "0a918c3aff1bbddb645f09e19247d0e5ecca";

    public const string Frame3 =
        "00b8539a5cf3ae8a0a9134b32bfa775a1522db3558a1351ed4101989b8b88aa6a6f088290c54a1a4a761509709f71ccb2d3c"
        + "4d46bc2ab3b794f5885f857d4edc83eff6974019588594430c2b1e56790d9b15eafc782bb3b44d7cb868c1c83968d9db68b4"
        + "66fa0d92c8406bebe319d8a5188a623790eaf5e54a2a8e1a2a6364e7ce579f9abbb28cf2be6959d386a45b7eef78137beb6a"
        + "c3975818e3aa65506c26ac752ece86e7dcd8dac10f34e0be92fd49865453c5f24e687597";

    public const string HandshakeHash =
        "dafb1ecf51af1d2d745c6f16865dd76d61b697870fedeb10f96fda361e279796";

    public const string Key1 =
        "013155fc61857be164b5250358a116758f5d20cf2d867365b23a4e428020d685";

    public const string Key2 =
        "59b596b4192418d0f86a61c07a944f38a15c30dda5b4659b5500eacd809cd853";

    public const string InitiatorFrame0 =
        "0024f5c8fdccae5bcaf81c40473c5164bed0ebda9bbf2d665c21803af194887c4548b8774136";

    public const string InitiatorFrame1 =
        "001cd3c05451ea4d6c7c9d1462b2c5a1812aa8deddc9d89794a90c56be7d";

    public const string ResponderFrame0 =
        "0024f09e15df51db1624967fd57add79391f903afe4aadfb91210117ef6926129466672ccaef";
}
