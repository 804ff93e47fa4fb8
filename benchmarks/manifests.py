"""Writes Kubernetes manifests of real size and shape, the same ones every time."""

from __future__ import annotations

from pathlib import Path
from random import Random

FILES, BYTES = 800, 10_000_000

_IMAGES = ("nginx:1.27", "redis:7", "postgres:16", "ghcr.io/acme/api:1.4", "quay.io/prometheus/prometheus:v2.55.0")
_SENTENCE = "request response timeout retry cluster address listener route upstream metrics tracing sampling"
_WORDS = _SENTENCE.split()

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: platform
  annotations:
    description: "{sentence}"
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {name}
      securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: main
          image: {image}
          imagePullPolicy: IfNotPresent
          args: ["--listen=:8080", "--log-level=info", "--name={name}"]
          ports:
            - {{name: http, containerPort: 8080}}
          env:
{env}
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
            periodSeconds: 10
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          volumeMounts:
            - {{name: config, mountPath: /etc/{name}}}
      volumes:
        - name: config
          configMap: {{name: {name}}}
"""
_CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: team-{team}
data:
  settings.conf: |
{lines}
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}  # one for each deployment
  namespace: team-{team}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"""


_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {name}.acme.example
spec:
  group: acme.example
  names: {{kind: App, plural: apps}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            image:
              description: The container image.
              type: string
{properties}
"""
_PROPERTY = """\
            {name}:
              description: |-
{text}
              type: string"""


def write(folder: Path) -> int:
    """Write the files below `folder` and return how many bytes they have."""
    random = Random(20261121)
    total = 0
    for number in range(FILES):
        text = _file(number, random, BYTES // FILES)
        path = folder / f"team-{number % 20}" / f"app-{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        total += len(text)
    return total


def _file(number: int, random: Random, size: int) -> str:
    """Return a deployment, its service and configuration, then resource definitions until the size is reached."""
    name, team = f"app-{number}", number % 20
    env = "\n".join(f'            - name: SETTING_{i}\n              value: "{_sentence(random, 5)}"' for i in range(6))
    lines = "\n".join(f"    {random.choice(_WORDS)}.{i} = {_sentence(random, 7)}" for i in range(60))
    documents = [
        _DEPLOYMENT.format(
            name=name,
            team=team,
            sentence=_sentence(random, 9),
            replicas=random.randint(1, 9),
            image=random.choice(_IMAGES),
            env=env,
        ),
        _SERVICE.format(name=name, team=team),
        _CONFIG.format(name=name, team=team, lines=lines),
    ]
    properties: list[str] = []
    while sum(map(len, documents)) + sum(map(len, properties)) < size - 800:
        text = "\n".join(f"                    {_sentence(random, 9)}" for _ in range(4))
        properties.append(_PROPERTY.format(name=f"{random.choice(_WORDS)}{len(properties)}", text=text))
    documents.append(_DEFINITION.format(name=name, properties="\n".join(properties)))
    return "---\n".join(documents)


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words))
