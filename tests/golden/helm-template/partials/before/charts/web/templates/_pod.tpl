{{/*
The pod of web; see {{ "values.yaml" }}.
*/}}
{{- define "web.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{- define "web.pod" -}}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
initContainers:
  - name: wait
    image: busybox:1.36 # small
    command: ["sh", "-c", "until nslookup {{ .Values.db }}; do sleep 1; done"]
  {{- if .Values.migrate }}
  - name: migrate
    image: {{ .Values.migrate.image | quote }}
  {{- end }}
containers:
  - name: {{ .Chart.Name }}
    image: {{ include "web.image" . }}
    args:
      - |
        {{- if .Values.debug }}
        --debug
        {{- end }}
        --port=80
  - name: exporter
    image: "nginx/nginx-prometheus-exporter:{{ .Values.exporter.tag }}"
{{- end -}}

{{- define "web.sidecars" }}
    - name: logs
      image: 'fluent/fluent-bit:3.1'
      env: {{- include "web.env" . | nindent 8 }}
        - name: LEVEL
          value: info
{{- end }}
