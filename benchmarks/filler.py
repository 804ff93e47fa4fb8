"""Fills a registry fast: the smallest images there are, pushed by plain HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"


def fill(host: str, folder: str, repositories: int, tags: int) -> Sequence[str]:
    """Push `repositories` times `tags` different images below a folder of `host`; return their names and tags."""
    with ThreadPoolExecutor(8) as pool:
        return [
            name
            for names in pool.map(lambda n: _repository(host, f"{folder}/app-{n}", tags), range(repositories))
            for name in names
        ]


def _repository(host: str, path: str, tags: int) -> Sequence[str]:
    connection = http.client.HTTPConnection(host)
    names = []
    config = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
    _push_blob(connection, path, config)
    for number in range(tags):
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "digest": _digest(config), "size": len(config)},
            "layers": [],
            "annotations": {"n": f"{path} {number}"},
        }
        _send(connection, "PUT", f"/v2/{path}/manifests/1.{number}", json.dumps(manifest).encode(), _MANIFEST)
        names.append(f"{path}:1.{number}")
    connection.close()
    return names


def _push_blob(connection: http.client.HTTPConnection, path: str, content: bytes) -> None:
    place = _send(connection, "POST", f"/v2/{path}/blobs/uploads/")
    joint = "&" if "?" in place else "?"
    _send(connection, "PUT", f"{place}{joint}digest={_digest(content)}", content, "application/octet-stream")


def _send(
    connection: http.client.HTTPConnection, method: str, target: str, body: bytes = b"", media_type: str = ""
) -> str:
    headers = {"Content-Length": str(len(body))} | ({"Content-Type": media_type} if media_type else {})
    connection.request(method, target, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in {201, 202}:
        raise RuntimeError(f"{method} {target}: {answer.status} {text.decode(errors='replace')}")
    return answer.headers.get("Location", "")


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"
