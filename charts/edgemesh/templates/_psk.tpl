{{/* The key of the private network: where it comes from. */}}

{{/* "true", or nothing if agent.modules.edgeTunnel.psk.enable is false. */}}
{{- define "edgemesh.hasPsk" -}}
{{- if dig "edgeTunnel" "psk" "enable" true .Values.agent.modules }}true{{ end -}}
{{- end -}}

{{- define "edgemesh.pskName" -}}
{{- .Values.agent.pskSecret | default (printf "%s-psk" (include "edgemesh.agent" .)) -}}
{{- end -}}

{{/*
What is given; else what is there: our Secret, or the ConfigMap of an upstream release that this one takes the place of,
unless it holds the published default; else a new one.
*/}}
{{- define "edgemesh.psk" -}}
{{- $name := printf "%s-psk" (include "edgemesh.agent" .) -}}
{{- $namespace := include "edgemesh.namespace" . -}}
{{- $secret := lookup "v1" "Secret" $namespace $name -}}
{{- $upstream := lookup "v1" "ConfigMap" $namespace $name -}}
{{- $published := include "edgemesh.publishedPskHash" . | trim -}}
{{- $psk := trim .Values.agent.psk -}}
{{- if and (not $psk) $secret }}{{ $psk = dig "data" "psk" "" $secret | b64dec }}{{ end -}}
{{- if and (not $psk) $upstream -}}
  {{- $psk = dig "data" "psk" "" $upstream | trim -}}
  {{- if or (eq (sha256sum $psk) $published) (lt (len $psk) 16) }}{{ $psk = "" }}{{ end -}}
{{- end -}}
{{- $psk | default (randBytes 32) -}}
{{- end -}}
