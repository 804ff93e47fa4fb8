#!/bin/sh
# helm upgrade web --set image.tag=…
set -eu
helm upgrade --install web charts/web \
  --namespace web \
  --set image.repository=ghcr.io/example/web \
  --set-string image.tag="$GITHUB_SHA" \
  --wait
