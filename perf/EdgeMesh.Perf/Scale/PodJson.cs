using System.Buffers;
using System.Globalization;

namespace EdgeMesh.Perf.Scale;

/// <summary>Pods as an API server writes them, with all that a control plane doesn't need: about 3 KiB each.</summary>
internal static class PodJson
{
    // Of a Deployment's pod on Kubernetes 1.3x: managed fields, two volumes, two probes, tolerations, conditions.
    private static readonly TextTemplate Template = new(
        """
        {
          "metadata": {
            "name": "$0$", "generateName": "app-6f9c8b7d5-", "namespace": "$1$",
            "uid": "9c1f4b7e-2c4a-4f0e-8d5b-0000$2$", "resourceVersion": "$3$",
            "creationTimestamp": "2026-11-01T08:00:00Z$8$",
            "labels": { "app": "load", "pod-template-hash": "6f9c8b7d5", "tier": "backend", "version": "v1.4.2" },
            "annotations": {
              "kubectl.kubernetes.io/restartedAt": "2026-10-30T11:12:13Z",
              "ipam.spidernet.io/ippool": "{\"ipv4\":[\"site-pool\"]}"
            },
            "ownerReferences": [ { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "app-6f9c8b7d5",
              "uid": "1b7c2a9e-3f4d-4c5b-9a8e-7d6f5e4c3b2a", "controller": true, "blockOwnerDeletion": true } ],
            "managedFields": [
              { "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
                "time": "2026-11-01T08:00:00Z", "fieldsType": "FieldsV1",
                "fieldsV1": { "f:metadata": { "f:annotations": { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {} },
                  "f:generateName": {}, "f:labels": { ".": {}, "f:app": {}, "f:pod-template-hash": {}, "f:tier": {} },
                  "f:ownerReferences": { ".": {}, "k:{\"uid\":\"1b7c2a9e-3f4d-4c5b-9a8e-7d6f5e4c3b2a\"}": {} } },
                  "f:spec": { "f:containers": { "k:{\"name\":\"app\"}": { ".": {}, "f:env": {}, "f:image": {},
                  "f:imagePullPolicy": {}, "f:livenessProbe": {}, "f:name": {}, "f:ports": {}, "f:resources": {} } },
                  "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {}, "f:securityContext": {} } } },
              { "manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-11-01T08:00:03Z",
                "fieldsType": "FieldsV1", "subresource": "status",
                "fieldsV1": { "f:status": { "f:conditions": { "k:{\"type\":\"Ready\"}": { ".": {}, "f:status": {} } },
                  "f:containerStatuses": {}, "f:hostIP": {}, "f:phase": {}, "f:podIP": {}, "f:podIPs": {} } } }
            ]
          },
          "spec": {
            "volumes": [
              { "name": "config", "configMap": { "name": "app-config", "defaultMode": 420 } },
              { "name": "kube-api-access", "projected": { "defaultMode": 420, "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": { "name": "kube-root-ca.crt", "items": [ { "key": "ca.crt",
                  "path": "ca.crt" } ] } } ] } }
            ],
            "containers": [ { "name": "app", "image": "registry.example.com/team/app:v1.4.2",
              "ports": [ { "containerPort": 8080, "protocol": "TCP" } ],
              "env": [ { "name": "LOG_LEVEL", "value": "info" },
                { "name": "POD_IP", "valueFrom": { "fieldRef": { "apiVersion": "v1",
                  "fieldPath": "status.podIP" } } } ],
              "resources": { "limits": { "cpu": "500m", "memory": "256Mi" },
                "requests": { "cpu": "50m", "memory": "128Mi" } },
              "volumeMounts": [ { "name": "config", "mountPath": "/etc/app" },
                { "name": "kube-api-access", "readOnly": true,
                  "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount" } ],
              "livenessProbe": { "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" },
                "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3 },
              "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
              "imagePullPolicy": "IfNotPresent" } ],
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default", "serviceAccount": "default", "nodeName": "$4$",
            "securityContext": {}, "schedulerName": "default-scheduler",
            "tolerations": [
              { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300 },
              { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300 } ],
            "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority"
          },
          "status": {
            "phase": "$5$",
            "conditions": [
              { "type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-01T08:00:00Z" },
              { "type": "Ready", "status": "True", "lastTransitionTime": "2026-11-01T08:00:03Z" },
              { "type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-01T08:00:00Z" } ],
            "hostIP": "$6$$7$", "startTime": "2026-11-01T08:00:00Z", "qosClass": "Burstable",
            "containerStatuses": [ { "name": "app", "state": { "running": { "startedAt": "2026-11-01T08:00:02Z" } },
              "lastState": {}, "ready": true, "restartCount": 0, "image": "registry.example.com/team/app:v1.4.2",
              "imageID": "registry.example.com/team/app@sha256:0d1e2f3a4b5c6d7e8f90111213141516171819202122",
              "containerID": "containerd://8f1d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f",
                "started": true } ]
          }
        }
        """);

    /// <summary>Writes a pod. Gaps 7 and 8 end their string and begin another: fields that not every pod has.</summary>
    public static void Write(SimulatedPod pod, IBufferWriter<byte> output)
    {
        string address = ScalePlan.Text(pod.Address);
        Template.Write(
            output, pod.Name, pod.Namespace, pod.Serial.ToString("x8", CultureInfo.InvariantCulture),
            pod.Version.ToString(CultureInfo.InvariantCulture), ScalePlan.NodeName(pod.Node), pod.Phase,
            ScalePlan.Underlay(pod.Node),
            pod.Phase == "Pending"
                ? ""
                : $"\",\"podIP\":\"{address}\",\"podIPs\":[{{\"ip\":\"{address}\"}}],\"message\":\"",
            pod.IsEnding ? "\",\"deletionTimestamp\":\"2026-11-01T09:00:00Z" : "");
    }
}
