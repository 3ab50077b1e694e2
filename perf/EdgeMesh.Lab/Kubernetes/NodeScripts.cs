namespace EdgeMesh.Lab.Kubernetes;

/// <summary>The texts that a node is started with.</summary>
internal static class NodeScripts
{
    /// <summary>
    /// The first process of a node: gives it directories and a host name of its own, and then waits; with its end the
    /// kernel ends all of the node. Its arguments: the node's directory, its name, the directory of programs, and that
    /// of network plugins.
    /// </summary>
    /// <remarks>
    /// A kubelet sets some of the machine's own kernel settings. It finds files with its wishes there already, so the
    /// machine's stay as they are.
    /// </remarks>
    public const string Boot = """
        set -e
        node=$1 name=$2 programs=$3 plugins=$4
        mount --make-rprivate /
        for place in etc opt var/lib var/log; do mount --bind "$node/$place" "/$place"; done
        mkdir -p /opt/lab /opt/cni/bin /etc/cni/net.d /var/lib/kubelet /var/lib/containerd /var/log/pods
        mount --bind "$programs" /opt/lab
        cp -n "$plugins"/* /opt/cni/bin/
        mount --bind "$node" /mnt
        mount -t tmpfs run /run
        mkdir -p /run/netns /run/lock
        for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
          kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
          file=/run/${setting//\//-}
          echo "${setting#*=}" >"$file"
          mount --bind "$file" "/proc/sys/${setting%=*}"
        done
        hostname "$name"
        mount --make-rshared /
        echo "node is up" >&2
        trap 'exit 0' TERM
        while :; do sleep 3600 & wait $! || true; done
        """;

    /// <summary>containerd's settings.</summary>
    public const string Containerd = """
        version = 2
        root = "/var/lib/containerd"
        state = "/run/containerd"
        oom_score = 0
        [grpc]
          address = "/run/containerd/containerd.sock"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "docker.io/lab/pause:1"
          restrict_oom_score_adj = true
          disable_apparmor = true
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
            runtime_type = "io.containerd.runc.v2"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/opt/cni/bin"
            conf_dir = "/etc/cni/net.d"
        """;

    /// <summary>The kubelet's settings.</summary>
    /// <param name="cgroup">The control group that holds the node's pods.</param>
    public static string Kubelet(string cgroup) => $$"""
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        authentication: {anonymous: {enabled: true}, webhook: {enabled: false} }
        authorization: {mode: AlwaysAllow}
        cgroupDriver: cgroupfs
        cgroupRoot: {{cgroup}}
        clusterDomain: cluster.local
        clusterDNS: [10.96.0.10]
        resolvConf: /etc/resolv.conf
        failSwapOn: false
        oomScoreAdj: 0
        healthzPort: 0
        maxPods: 110
        registryPullQPS: 0
        eventRecordQPS: 0
        kubeAPIQPS: 100
        kubeAPIBurst: 200
        syncFrequency: 10s
        fileCheckFrequency: 60s
        nodeStatusUpdateFrequency: 5s
        evictionHard: {memory.available: "0%", nodefs.available: "0%", imagefs.available: "0%"}
        imageGCHighThresholdPercent: 100
        imageGCLowThresholdPercent: 99
        featureGates: {IPv6DualStack: true}
        """;

    /// <summary>
    /// A network plugin's configuration as many have it: a bridge, addresses from the node's prefixes, and all that
    /// leaves the node masqueraded.
    /// </summary>
    /// <param name="node">Whose.</param>
    public static string Plugins(ClusterNodePlan node) => $$"""
        {
          "cniVersion": "0.4.0",
          "name": "{{(node.IsEdge ? "containerd-net" : "cbr0")}}",
          "plugins": [
            {
              "type": "bridge",
              "bridge": "cni0",
              "isGateway": true,
              "ipMasq": true,
              "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "{{node.Prefix4}}"}], [{"subnet": "{{node.Prefix6}}"}]],
                "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]
              }
            },
            {"type": "portmap", "capabilities": {"portMappings": true} }
          ]
        }
        """;
}
