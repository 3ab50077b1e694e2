using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Certificates, tokens and kubeconfigs of a cluster, as files in one directory.</summary>
internal sealed class ClusterKeys
{
    private const string Admin = "admin";
    private readonly Dictionary<string, string> _tokens = [];
    private readonly string _directory;

    private ClusterKeys(string directory) => _directory = directory;

    public string AuthorityPath => Path.Combine(_directory, "ca.crt");

    public string ServerCertificatePath => Path.Combine(_directory, "server.crt");

    public string ServerKeyPath => Path.Combine(_directory, "server.key");

    public string AccountKeyPath => Path.Combine(_directory, "accounts.key");

    public string AccountPublicKeyPath => Path.Combine(_directory, "accounts.pub");

    public string TokenPath => Path.Combine(_directory, "tokens.csv");

    /// <summary>The kubeconfig of one who may do everything, for programs in the control plane's namespace.</summary>
    public string AdminConfigPath => ConfigPath(Admin);

    /// <summary>The token of one who may do everything.</summary>
    public string AdminToken => _tokens[Admin];

    public static ClusterKeys Create(string directory)
    {
        Directory.CreateDirectory(directory);
        var keys = new ClusterKeys(directory);
        keys.WriteCertificates();
        var tokens = new StringBuilder();
        keys.AddUser(tokens, Admin, Admin, "system:masters");
        keys.AddUser(tokens, "controller-manager", "system:kube-controller-manager", "system:masters");
        keys.AddUser(tokens, "scheduler", "system:kube-scheduler", "system:masters");
        foreach (ClusterNodePlan node in ClusterPlan.Nodes)
        {
            keys.AddUser(tokens, node.Role, "system:node:" + node.Name, "system:nodes");
        }

        File.WriteAllText(keys.TokenPath, tokens.ToString());
        return keys;
    }

    /// <summary>The kubeconfig of a user: admin, controller-manager, scheduler, or a node's role.</summary>
    public string ConfigPath(string user) => Path.Combine(_directory, user + ".kubeconfig");

    /// <summary>A kubeconfig's text.</summary>
    /// <param name="server">Address of the API server.</param>
    /// <param name="token">Who asks.</param>
    public string Config(string server, string token) => $$$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: lab, cluster: {server: "{{{server}}}", certificate-authority-data: {{{AuthorityData}}}}}]
        users: [{name: lab, user: {token: "{{{token}}}"}}]
        contexts: [{name: lab, context: {cluster: lab, user: lab}}]
        current-context: lab
        """;

    private string AuthorityData => Convert.ToBase64String(File.ReadAllBytes(AuthorityPath));

    private void AddUser(StringBuilder tokens, string file, string name, string group)
    {
        string token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _tokens[file] = token;
        tokens.Append(CultureInfo.InvariantCulture, $"{token},{name},{name},\"{group}\"\n");
        File.WriteAllText(
            ConfigPath(file),
            Config(
                string.Create(
                    CultureInfo.InvariantCulture, $"https://{ClusterPlan.ControlAddress}:{ClusterPlan.ApiPort}"),
                token));
    }

    private void WriteCertificates()
    {
        // Valid for years before and after now: a test turns clocks.
        DateTimeOffset from = DateTimeOffset.UtcNow.AddYears(-5);
        DateTimeOffset until = DateTimeOffset.UtcNow.AddYears(5);
        using RSA authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest(
            "CN=lab", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        authority.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authority.PublicKey, false));
        using X509Certificate2 authorityCertificate = authority.CreateSelfSigned(from, until);
        File.WriteAllText(AuthorityPath, authorityCertificate.ExportCertificatePem() + "\n");

        using RSA serverKey = RSA.Create(2048);
        var server = new CertificateRequest(
            "CN=kube-apiserver", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string name in (string[])["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"])
        {
            names.AddDnsName(name);
        }

        foreach (string address in (string[])
            [ClusterPlan.ControlAddress, ClusterPlan.ApiServiceAddress, IPAddress.Loopback.ToString()])
        {
            names.AddIpAddress(IPAddress.Parse(address));
        }

        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // id-kp-serverAuth
        server.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authorityCertificate, true, false));
        using X509Certificate2 certificate = server.Create(
            authorityCertificate, from, until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(ServerCertificatePath, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(ServerKeyPath, serverKey.ExportRSAPrivateKeyPem() + "\n");

        using RSA accountKey = RSA.Create(2048);
        File.WriteAllText(AccountKeyPath, accountKey.ExportRSAPrivateKeyPem() + "\n");
        File.WriteAllText(AccountPublicKeyPath, accountKey.ExportSubjectPublicKeyInfoPem() + "\n");
    }
}
