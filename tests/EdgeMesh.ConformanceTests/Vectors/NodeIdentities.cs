using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>Identities that go-libp2p v0.28.2 computed: name, Ed25519 seed, public key, peer id.</summary>
internal static class NodeIdentities
{
    public static TheoryData<string, string, string, string> All => new()
    {
        {
            "edge-node-1",
            "fef3b810af3e49bb56fdf24bbb343375eff5ba0c790ae34018b3469de8c28435",
            "497de2c40f68632a141790ecce87d08c287aa0245713b2ecc080118ce9befe36",
            "12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT"
        },
        {
            "cloud-relay-0",
            "de0088de63ac86661cfbf2aad5463b44fd3837f5f497b86ed1e0d6757644d1fa",
            "8c79d94b8634050ef7fb0d6a797183aa68be0bf5a39c0184bf3e21451cedecee",
            "12D3KooWKGj1YZzdtatzEgkKUqheyShnJTy5xhMx3zQfZWDVnatu"
        },
        {
            "k8s-master",
            "a58a62add392dcc52ed5fb5d2a0a9f13249500dfb994ee1b31499254d5204176",
            "12d249ac332260f9464efe391b10c512309ba18eee0ce4f1ee83b0a53fb8e2cd",
            "12D3KooWB5qVCMrMNLpBDfMu6o4dy6ci2UqDVsFVomcd2PfYVzfW"
        },
        {
            "ke-edge1",
            "9b799f5e98f58c7502979e0b371a45111e4bef55ac03b0aa91a1d169278d01d3",
            "4da2627fae0ec3df95d9167d9098cd10939509d2fc04fdefd9b3fe0000c1eb58",
            "12D3KooWF3RB8SoMRZht7MDqF6GoipSPdFxVb9ESRLU7NuPX6ifH"
        },
        {
            "a",
            "87afe0250afdea6d2027629eec35651258ef23f9900f873489e92d63c65a6191",
            "4d55fb0e80c842aeca7b07fecbd2352a3f06144ed673fa7c9ea0c5643727fb7d",
            "12D3KooWF2Fbwjy8BPjsviaV1yjD1c6jEUXdHMyd5edEgfwxYDN4"
        },
        {
            "边缘节点",
            "b634144c8faed39e8e825e2dc2477148de97e4d84d167b89123bb3ff5944a15e",
            "ace7b8b991acb1a54be654b42f41beacc64e2cca2e5a0ef02801a076afa8d38b",
            "12D3KooWMTKED9mCzP92fdxYo8BiYPyYzjCgXDgcCmzhQyGu2hWJ"
        },
    };
}
