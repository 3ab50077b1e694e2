{{/* Parts of the agent's pods. */}}

{{- define "edgemesh.container" -}}
image: {{ include "edgemesh.image" . | quote }}
imagePullPolicy: {{ include "edgemesh.pullPolicy" . }}
terminationMessagePolicy: FallbackToLogsOnError
{{- end -}}

{{/* User 0 with no capability: it owns what it writes, and can't pass over any other permission. */}}
{{- define "edgemesh.rootWithout" -}}
runAsUser: 0
runAsGroup: 0
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/*
TUN links, routes, nftables and a link's settings need NET_ADMIN. Kubernetes gives capabilities to user 0 only (there are
no ambient ones), so it is user 0.
*/}}
{{- define "edgemesh.netAdmin" -}}
runAsUser: 0
runAsGroup: 0
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  add: [NET_ADMIN]
{{- end -}}

{{/* The user's affinity, or that of the preset; YAML, or nothing. */}}
{{- define "edgemesh.agentAffinity" -}}
{{- $operators := dict "cloud" "DoesNotExist" "edge" "Exists" -}}
{{- if .Values.agent.affinity -}}
{{ toYaml .Values.agent.affinity }}
{{- else if hasKey $operators .Values.agent.preset -}}
nodeAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
      - matchExpressions:
          - key: node-role.kubernetes.io/edge
            operator: {{ get $operators .Values.agent.preset }}
{{- end -}}
{{- end -}}

{{/* Address at which the agent's processes serve probes and metrics. */}}
{{- define "edgemesh.metricsAddress" -}}
{{- .Values.agent.metrics.address | default (.Values.podMonitor.enabled | ternary "0.0.0.0" "127.0.0.1") -}}
{{- end -}}

{{/* That address with a port. */}}
{{- define "edgemesh.endPoint" -}}
{{- if contains ":" .address }}[{{ .address }}]{{ else }}{{ .address }}{{ end }}:{{ int64 .port }}
{{- end -}}

{{/* Where the kubelet asks: it is on the node, so on the loopback of a process that serves there or everywhere. */}}
{{- define "edgemesh.probeHost" -}}
{{- $address := include "edgemesh.metricsAddress" . -}}
{{- get (dict "0.0.0.0" "127.0.0.1" "::" "::1") $address | default $address -}}
{{- end -}}

{{/* Probes ask the process about itself: never the API, never a peer, so being cut off ends no agent. */}}
{{- define "edgemesh.probes" -}}
{{- $get := dict "path" "/healthz" "port" (int64 .port) -}}
{{- if .host }}{{ $_ := set $get "host" .host }}{{ end -}}
startupProbe:
  httpGet: {{- toYaml $get | nindent 4 }}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {{- toYaml $get | nindent 4 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {{- toYaml (set (deepCopy $get) "path" "/readyz") | nindent 4 }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{- define "edgemesh.agentEnv" -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
- name: NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- with .Values.agent.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* kubeAPIConfig.master takes the place of what Kubernetes tells each pod. */}}
{{- define "edgemesh.apiEnv" -}}
{{- with dig "kubeAPIConfig" "master" "" .Values.agent -}}
{{- $host := (urlParse .).host -}}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" -}}
- name: KUBERNETES_SERVICE_HOST
  value: {{ regexReplaceAll ":[0-9]+$" $host "" | trimPrefix "[" | trimSuffix "]" | quote }}
- name: KUBERNETES_SERVICE_PORT
  value: {{ $port | default "443" | quote }}
{{- end -}}
{{- end -}}

{{- define "edgemesh.dataplaneArgs" -}}
{{- $agent := .Values.agent -}}
- run
- --node=$(NODE_NAME)
- --state=/var/lib/edgemesh
- --socket=/run/edgemesh/dataplane.sock
- --tun={{ $agent.tunName }}
- --metrics={{ include "edgemesh.endPoint" (dict "address" (include "edgemesh.metricsAddress" .) "port" $agent.metrics.port) }}
- --workers={{ int64 $agent.dataplane.workers }}
- --pool-mib={{ int64 $agent.dataplane.poolMib }}
- --io={{ $agent.dataplane.io }}
{{- with int64 $agent.dataplane.mtu }}
- --mtu={{ . }}
{{- end }}
- --log-level={{ .Values.logLevel }}
{{- if $agent.listen }}
{{- range $agent.listen }}
- --listen={{ . }}
{{- end }}
{{- else if ne (int64 $agent.modules.edgeTunnel.listenPort) 20006 }}
- --port={{ int64 $agent.modules.edgeTunnel.listenPort }}
{{- end }}
{{- range $agent.dataplane.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "edgemesh.controlArgs" -}}
{{- $agent := .Values.agent -}}
{{- $api := $agent.kubeAPIConfig | default dict -}}
{{- $meta := $api.metaServer | default dict -}}
{{- $security := $meta.security | default dict -}}
- run
- --source=kubernetes
- --node=$(NODE_NAME)
- --namespace=$(NAMESPACE)
- --socket=/run/edgemesh/dataplane.sock
- --state=/var/lib/edgemesh/control
- --tun={{ $agent.tunName }}
- --sysctl-root=/host/proc/sys
- --health={{ include "edgemesh.endPoint" (dict "address" (include "edgemesh.metricsAddress" .) "port" $agent.control.port) }}
- --log-level={{ .Values.logLevel }}
{{- if $agent.mountedShards.enable }}
- --shards=/etc/edgemesh/mesh
{{- end }}
{{- if and $api.kubeConfig (not $api.deleteKubeConfig) }}
- --kubeconfig={{ $api.kubeConfig }}
{{- end }}
{{- if eq $agent.preset "edge" }}
{{- with $meta.server }}
- --metaserver={{ . }}
{{- end }}
{{- if and (hasPrefix "https://" ($meta.server | default "")) (or $agent.metaServerSecret $security.tlsCertFile) }}
- --metaserver-ca={{ $security.tlsCaFile | default "/etc/edgemesh/metaserver/rootCA.crt" }}
- --metaserver-cert={{ $security.tlsCertFile | default "/etc/edgemesh/metaserver/server.crt" }}
- --metaserver-key={{ $security.tlsPrivateKeyFile | default "/etc/edgemesh/metaserver/server.key" }}
{{- end }}
{{- end }}
{{- range $agent.control.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "edgemesh.agentRules" -}}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create]
{{- end -}}
