{{/* Names, labels, the image. Upstream's names stay: users have scripts for <release>-agent and its labels. */}}

{{- define "edgemesh.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- define "edgemesh.agent" -}}
{{- printf "%s-agent" (.Release.Name | trunc 47 | trimSuffix "-") -}}
{{- end -}}

{{- define "edgemesh.controller" -}}
{{- printf "%s-controller" (.Release.Name | trunc 47 | trimSuffix "-") -}}
{{- end -}}

{{- define "edgemesh.uninstall" -}}
{{- printf "%s-uninstall" (.Release.Name | trunc 47 | trimSuffix "-") -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "edgemesh.labels" -}}
app.kubernetes.io/name: edgemesh
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: edgemesh
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of pods: no version among them, as pods must not restart because a label changed. */}}
{{- define "edgemesh.podLabels" -}}
app.kubernetes.io/name: edgemesh
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: edgemesh
{{- end -}}

{{/*
The agent's selector is upstream's, word for word: a DaemonSet's selector can't be changed, and so an upgrade over an
upstream release of the same name changes that DaemonSet in place.
*/}}
{{- define "edgemesh.agentSelector" -}}
k8s-app: kubeedge
kubeedge: edgemesh-agent
{{- end -}}

{{- define "edgemesh.controllerSelector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end -}}

{{/* The image: agent.image (upstream's key, a string or a map) before image; global.imageRegistry goes before both. */}}
{{- define "edgemesh.image" -}}
{{- $image := .Values.agent.image | default .Values.image -}}
{{- $registry := (.Values.global | default dict).imageRegistry | default "" | trimSuffix "/" -}}
{{- if kindIs "string" $image -}}
  {{- $first := splitList "/" $image | first -}}
  {{- $hasRegistry := and (contains "/" $image) (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) -}}
  {{- if and $registry (not $hasRegistry) }}{{ $registry }}/{{ end }}{{ $image -}}
{{- else -}}
  {{- $base := dict "registry" "" "tag" "" "digest" "" "repository" "edgemesh" -}}
  {{- $all := mergeOverwrite $base (deepCopy .Values.image) (deepCopy $image) -}}
  {{- with $registry | default ($all.registry | default "") }}{{ trimSuffix "/" . }}/{{ end -}}
  {{- $all.repository -}}
  {{- if $all.digest }}@{{ $all.digest }}{{ else }}:{{ $all.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "edgemesh.pullPolicy" -}}
{{- $image := .Values.agent.image -}}
{{- $policy := "" -}}
{{- if kindIs "map" $image }}{{ $policy = $image.pullPolicy | default "" }}{{ end -}}
{{- $policy | default .Values.image.pullPolicy | default "IfNotPresent" -}}
{{- end -}}

{{/* Names of pull secrets as a JSON list; entries are names, or maps with a name. */}}
{{- define "edgemesh.pullSecrets" -}}
{{- $all := list -}}
{{- range concat ((.Values.global | default dict).imagePullSecrets | default list) (.Values.imagePullSecrets | default list) -}}
  {{- $name := . -}}
  {{- if kindIs "map" . }}{{ $name = .name }}{{ end -}}
  {{- $all = append $all (dict "name" $name) -}}
{{- end -}}
{{- $all | uniq | toJson -}}
{{- end -}}

{{/* Fields that all pods have. */}}
{{- define "edgemesh.podBase" -}}
enableServiceLinks: false
{{- with include "edgemesh.pullSecrets" . | fromJsonArray }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Security context of a container that needs nothing from the kernel. */}}
{{- define "edgemesh.unprivileged" -}}
runAsUser: 65532
runAsGroup: 65532
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "edgemesh.hook" -}}
helm.sh/hook: {{ .hook }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* Resources with every quantity as text: "cpu: 1" is a number in YAML, and an API server that applies refuses it. */}}
{{- define "edgemesh.resources" -}}
{{- $all := deepCopy (. | default dict) -}}
{{- range $kind := list "limits" "requests" -}}
  {{- range $name, $quantity := get $all $kind | default dict -}}
    {{- if kindIs "invalid" $quantity -}}
      {{- $_ := unset (get $all $kind) $name -}}
    {{- else -}}
      {{- $_ := set (get $all $kind) $name (toString $quantity) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}
