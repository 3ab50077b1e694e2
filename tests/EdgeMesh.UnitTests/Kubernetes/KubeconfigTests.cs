using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_current_context_names_cluster_user_and_namespace()
    {
        (string certificate, string key) = MakeCertificate();
        File.WriteAllText(_directory.File("ca.pem"), certificate);
        KubeAccess access = Read($"""
            apiVersion: v1
            kind: Config
            preferences: {"{}"}
            current-context: two
            clusters:
            - name: c1
              cluster: {"{server: https://one:6443}"}
            - name: c2
              cluster:
                server: https://two:6443/path
                certificate-authority: ca.pem
                tls-server-name: kubernetes
                extensions: [{"{name: x, extension: {a: b}}"}]
            contexts:
            - name: one
              context: {"{cluster: c1}"}
            - context:
                cluster: c2
                user: u
                namespace: edge
              name: two
            users:
            - name: u
              user:
                client-certificate-data: {Base64(certificate)}
                client-key-data: {Base64(key)}
                token: ""
            """);
        Assert.Equal("https://two:6443/path", access.Server.AbsoluteUri);
        Assert.Equal(("edge", "kubernetes"), (access.Namespace, access.TlsServerName));
        Assert.Equal("CN=test", Assert.Single(access.Authorities!).Subject);
        Assert.True(access.ClientCertificate!.HasPrivateKey);
        Assert.Empty(access.ClientChain!);
        Assert.Equal(KubeAccessKind.Kubeconfig, access.Kind);
        Assert.Null(access.Token);
        Assert.False(access.SkipsTlsVerification);
        Assert.Equal("https://one:6443/", Read(context: "one").Server.AbsoluteUri);
    }

    [Fact]
    public void A_token_counts_before_its_file_and_paths_are_relative_to_the_kubeconfig()
    {
        KubeAccess access = Read(Simple("{tokenFile: t/token}", "insecure-skip-tls-verify: true"));
        Assert.Equal(_directory.File("t/token"), access.TokenFile);
        Assert.True(access.SkipsTlsVerification);
        access = Read(Simple("{tokenFile: t/token, token: abc}"));
        Assert.Equal(("abc", null), (access.Token, access.TokenFile));
    }

    [Fact]
    public void A_kubeconfig_may_be_JSON()
    {
        KubeAccess access = Read("""
            {"kind":"Config","clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:8080"}}],"users":null,
            "contexts":[{"name":"x","context":{"cluster":"c"}}],"current-context":"x"}
            """);
        Assert.Equal("http://127.0.0.1:8080/", access.Server.AbsoluteUri);
    }

    [Theory]
    [InlineData("{exec: {command: aws-iam-authenticator}}", "a program ('exec')")]
    [InlineData("{auth-provider: {name: oidc}}", "a program ('auth-provider')")]
    [InlineData("{username: admin, password: x}", "'username', which is not understood")]
    [InlineData("{as: system:admin}", "'as', which is not understood")]
    [InlineData("{token: 'a b'}", "blanks or control characters")]
    [InlineData("{client-certificate: /nowhere/c.pem}", "/nowhere/c.pem can't be read")]
    [InlineData("{client-key-data: AAAA}", "only one of client-certificate and client-key")]
    [InlineData("{client-certificate-data: '*', client-key-data: AAAA}", "is no base64")]
    [InlineData("{client-certificate-data: AAAA, client-key-data: AAAA}", "holds no certificate")]
    public void Credentials_that_cannot_be_used_say_why(string user, string why) => Refused(Simple(user), why);

    [Theory]
    [InlineData("server: https://h", "insecure-skip-tls-verify: maybe", "true or false")]
    [InlineData("server: h:6443", "", "is no URL")]
    [InlineData("tls-server-name: x", "", "has no 'server'")]
    [InlineData("server: https://h", "proxy-url: nonsense", "proxy-url 'nonsense'")]
    [InlineData("server: https://h", "certificate-authority-data: AAAA", "holds no certificate")]
    [InlineData("server: https://h", "certificate-authority: nowhere.pem", "nowhere.pem can't be read")]
    public void A_cluster_that_cannot_be_used_says_why(string server, string setting, string why) =>
        Refused(Simple("{}", setting, server), why);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("kind: Pod", "kind 'Pod' is no kubeconfig")]
    [InlineData("- a", "a mapping of keys")]
    [InlineData("clusters: 7", "'clusters' is a list")]
    [InlineData("clusters: [7]", "an entry of 'clusters'")]
    [InlineData("kind: Config", "no context is chosen")]
    [InlineData("current-context: x", "there is no context 'x'; the contexts are: none")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {}}]", "names no cluster")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]", "cluster 'c', which is not in")]
    [InlineData("a: &x 1\nclusters: *x", "aliases")]
    [InlineData("a: [[[[[[[[[[[[[[[[[[[[", "too deep")]
    [InlineData("a: \"", ":")]
    public void A_file_that_is_no_kubeconfig_says_why(string text, string why) => Refused(text, why);

    [Fact]
    public void A_text_cut_anywhere_is_refused_or_read()
    {
        string text = Simple("{token: abc}");
        for (int length = 0; length < text.Length; length++)
        {
            string cut = text[..length];
            if (Record.Exception(() => Read(cut)) is { } e)
            {
                Assert.IsType<KubeAccessException>(e);
            }
        }
    }

    [Fact]
    public void MetaServers_files_and_address_must_fit()
    {
        (string certificate, string key) = MakeCertificate();
        File.WriteAllText(_directory.File("c.pem"), certificate);
        File.WriteAllText(_directory.File("k.pem"), key);
        var files = new KubeTlsFiles(_directory.File("c.pem"), _directory.File("c.pem"), _directory.File("k.pem"));
        KubeAccess access = KubeAccess.MetaServer(new Uri("https://127.0.0.1:10550"), files);
        Assert.True(access.IsMetaServer);
        Assert.NotNull(access.ClientCertificate);
        Assert.Equal("http://127.0.0.1:10550/", KubeAccess.MetaServer().Server.AbsoluteUri);
        Assert.Contains("not https", Fails(() => KubeAccess.MetaServer(null, files)), StringComparison.Ordinal);
        Assert.Contains("give both", Fails(() => KubeAccess.MetaServer(
            new Uri("https://h"), files with { Key = null })), StringComparison.Ordinal);
        Assert.Contains("no certificate with its key", Fails(() => KubeAccess.MetaServer(
            new Uri("https://h"), files with { Key = files.Certificate })), StringComparison.Ordinal);
        Assert.Contains("no URL", Fails(() => KubeAccess.MetaServer(new Uri("ftp://h"))), StringComparison.Ordinal);
    }

    internal static (string Certificate, string Key) MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static string Simple(string user, string setting = "", string server = "server: https://h:6443") => $"""
        current-context: x
        clusters:
        - name: c
          cluster:
            {server}
            {(setting.Length == 0 ? "a: b" : setting)}
        contexts: [{"{name: x, context: {cluster: c, user: u}}"}]
        users:
        - name: u
          user: {user}
        """;

    private KubeAccess Read(string? text = null, string? context = null)
    {
        string file = _directory.File("config");
        if (text is not null)
        {
            File.WriteAllText(file, text);
        }

        return KubeAccess.FromKubeconfig(file, context);
    }

    private void Refused(string text, string why)
    {
        Assert.Contains(why, Fails(() => Read(text)), StringComparison.Ordinal);
    }

    private static string Fails(Action action) => Assert.Throws<KubeAccessException>(action).Message;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
