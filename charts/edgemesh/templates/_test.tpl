{{- define "edgemesh.testPlace" -}}
{{- if .selector -}}
nodeSelector: {{- toYaml .selector | nindent 2 }}
{{- else -}}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - key: node-role.kubernetes.io/edge
              operator: {{ .operator }}
{{- end -}}
{{- end -}}

{{- define "edgemesh.testResources" -}}
requests:
  cpu: 10m
  memory: 32Mi
limits:
  memory: 256Mi
{{- end -}}
