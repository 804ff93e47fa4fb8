"""An OCI registry in this process, on a loopback port: images, tags, authentication, and a log of every request.

The honest half of https://github.com/opencontainers/distribution-spec/blob/main/spec.md that pinbot asks for;
`registry.faults` (see faults.py) bends its replies.

    with FakeRegistry() as registry:
        digest = registry.push_image("library/nginx", tags=["1.27"], platforms=["linux/amd64", "linux/arm64/v8"])
        registry.url, registry.host, registry.log
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import ssl
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import parse_qs

from tests.fakes import images
from tests.fakes.images import Stored
from tests.fakes.server import Reply, Seen, Server
from tests.fakes.statements import Statement, attestation, child_of_index

Auth = Literal["none", "basic", "bearer"]

_MANIFEST = re.compile(r"/v2/(?P<path>.+)/manifests/(?P<name>[^/]+)")
_BLOB = re.compile(r"/v2/(?P<path>.+)/blobs/(?P<name>[^/]+)")
_TAGS = re.compile(r"/v2/(?P<path>.+)/tags/list")


class FakeRegistry(Server):
    """A registry that holds what was pushed to it.

    With `auth` "basic" or "bearer" only `users` (name → password) may read; `anonymous` lets the token server
    give tokens to strangers, as Docker Hub does. `realm` overrides where the bearer challenge points. `identities` are
    refresh tokens that it changes for others by POST (https://distribution.github.io/distribution/spec/auth/oauth/);
    without any it knows GET alone.
    """

    def __init__(
        self,
        *,
        auth: Auth = "none",
        users: Mapping[str, str] | None = None,
        anonymous: bool = False,
        realm: str | None = None,
        token_seconds: object = 300,
        identities: Collection[str] = (),
        tls: ssl.SSLContext | None = None,
        name: str = "127.0.0.1",
    ) -> None:
        super().__init__(self._honest_reply, tls=tls, name=name)
        self.auth: Auth = auth
        self.users = dict(users or {})
        self.identities = set(identities)
        self.may_see |= {*self.users.values(), *identities}  # also when it has forgotten them
        self.owned = lambda: (*self.users.values(), *self.identities, *self.tokens)
        self.anonymous = anonymous
        self.realm = realm
        self.token_seconds = token_seconds
        self.tokens: dict[str, str] = {}
        self.manifests: dict[tuple[str, str], Stored] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.blobs: dict[tuple[str, str], bytes] = {}

    def push_image(
        self,
        path: str,
        tags: Sequence[str] = (),
        platforms: Sequence[str] = ("linux/amd64",),
        created: str | None = "2026-11-01T00:00:00Z",
        labels: Mapping[str, str] | None = None,
        content_seed: str = "",
        docker: bool = False,
        index: bool | None = None,
        settings: Mapping[str, Any] | None = None,
        statements: Sequence[Statement] = (),
    ) -> str:
        """Store an image, an index where it has several platforms (or `index` says so), and return its digest.

        Another `content_seed` makes another digest of the same words. `statements` are attached to each of its images.
        """
        children: list[tuple[str, Stored]] = []
        for platform in platforms:
            manifest, config = images.image(platform, created, labels, f"{path} {content_seed}", docker, settings)
            self.blobs[path, config.digest] = config.content
            self.push_manifest(path, manifest)
            children.append((platform, manifest))
        attested = [self._attest(path, image.digest, statements) for _, image in children if statements]
        wants_index = len(children) > 1 or bool(attested) if index is None else index
        top = images.index(children, docker, attested) if wants_index else children[0][1]
        return self.push_manifest(path, top, tags)

    def _attest(self, path: str, image: str, statements: Sequence[Statement]) -> dict[str, Any]:
        """Store statements about an image, and return the entry for them in its index."""
        manifest, blobs = attestation(image, statements)
        self.blobs |= {(path, blob.digest): blob.content for blob in blobs}
        self.push_manifest(path, manifest)
        return child_of_index(manifest, image)

    def push_manifest(self, path: str, manifest: Stored, tags: Sequence[str] = ()) -> str:
        """Store any bytes as a manifest under its digest and these tags, and return the digest."""
        self.manifests[path, manifest.digest] = manifest
        self.tags.setdefault(path, {})
        for tag in tags:
            self.tag(path, tag, manifest.digest)
        return manifest.digest

    def tag(self, path: str, tag: str, digest: str) -> None:
        """Let a tag name a digest from now on."""
        self.tags.setdefault(path, {})[tag] = digest

    def delete(self, path: str, digest: str) -> None:
        """Forget a digest, and the tags that name it."""
        del self.manifests[path, digest]
        self.tags[path] = {tag: named for tag, named in self.tags[path].items() if named != digest}

    def _honest_reply(self, seen: Seen) -> Reply:
        if seen.path == "/token":
            return self._token(seen)
        if not self._may_read(seen):
            return _error(401, "UNAUTHORIZED", "authentication required").with_header(
                "WWW-Authenticate", self._challenge(seen)
            )
        if seen.path in {"/v2/", "/v2"}:
            return _json(200, {})
        for pattern, serve in ((_MANIFEST, self._manifest), (_BLOB, self._blob), (_TAGS, self._tag_list)):
            if found := pattern.fullmatch(seen.path):
                return serve(seen, **found.groupdict())
        return Reply(404, (("Content-Type", "text/plain; charset=utf-8"),), b"404 page not found\n")

    def _manifest(self, seen: Seen, path: str, name: str) -> Reply:
        if path not in self.tags:
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        digest = name if ":" in name else self.tags[path].get(name, "")
        stored = self.manifests.get((path, digest))
        if stored is None:
            return _error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        headers = (("Content-Type", stored.media_type), ("Docker-Content-Digest", stored.digest))
        return Reply(200, headers, stored.content, len(stored.content))

    def _blob(self, seen: Seen, path: str, name: str) -> Reply:
        content = self.blobs.get((path, name))
        if content is None:
            return _error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        return Reply(200, (("Content-Type", "application/octet-stream"), ("Docker-Content-Digest", name)), content)

    def _tag_list(self, seen: Seen, path: str) -> Reply:
        if path not in self.tags:
            return _error(404, "NAME_UNKNOWN", "repository name not known to registry")
        last = seen.query.get("last", [""])[0]
        rest = sorted(tag for tag in self.tags[path] if tag > last)
        page = rest[: int(seen.query["n"][0])] if "n" in seen.query else rest
        reply = _json(200, {"name": path, "tags": page})
        if len(page) < len(rest):
            link = f'</v2/{path}/tags/list?n={len(page)}&last={page[-1]}>; rel="next"'
            reply = reply.with_header("Link", link)
        return reply

    def _challenge(self, seen: Seen) -> str:
        if self.auth == "basic":
            return 'Basic realm="fake registry"'
        realm = f"{self.url}/token" if self.realm is None else self.realm
        parts = seen.path.removeprefix("/v2/").rsplit("/", 2)
        scope = f',scope="repository:{parts[0]}:pull"' if len(parts) == 3 else ""
        return f'Bearer realm="{realm}",service="fake registry"{scope}'

    def _may_read(self, seen: Seen) -> bool:
        given = seen.headers.get("authorization", "")
        if self.auth == "basic":
            return self._knows(given)
        if self.auth == "bearer":
            scope = self.tokens.get(given.removeprefix("Bearer "))
            return scope is not None and _covers(scope, seen.path)
        return True

    def _knows(self, basic: str) -> bool:
        pairs = (f"{user}:{password}" for user, password in self.users.items())
        return basic in {f"Basic {base64.b64encode(pair.encode()).decode()}" for pair in pairs}

    def _token(self, seen: Seen) -> Reply:
        if seen.method == "POST":
            return self._exchanged(parse_qs(seen.body.decode()))
        given = seen.headers.get("authorization")
        allowed = self._knows(given) if given else self.anonymous
        if not allowed:
            return _error(401, "UNAUTHORIZED", "incorrect username or password")
        return self._new_token("token", seen.query.get("scope", [""])[0])

    def _exchanged(self, form: Mapping[str, list[str]]) -> Reply:
        if not self.identities:
            return Reply(404, (("Content-Type", "text/plain; charset=utf-8"),), b"404 page not found\n")
        is_known = form.get("refresh_token", [""])[0] in self.identities
        if form.get("grant_type") != ["refresh_token"] or "client_id" not in form or not is_known:
            return _error(401, "UNAUTHORIZED", "invalid refresh token")
        return self._new_token("access_token", form["scope"][0])

    def _new_token(self, key: str, scope: str) -> Reply:
        token = secrets.token_hex(8)
        self.tokens[token] = scope
        body = {key: token}
        return _json(200, body if self.token_seconds is None else body | {"expires_in": self.token_seconds})


def _covers(scope: str, path: str) -> bool:
    repository = scope.removeprefix("repository:").removesuffix(":pull")
    return path in {"/v2/", "/v2"} or (bool(repository) and path.startswith(f"/v2/{repository}/"))


def _json(status: int, value: object) -> Reply:
    headers = (("Content-Type", "application/json"), ("Docker-Distribution-Api-Version", "registry/2.0"))
    return Reply(status, headers, json.dumps(value).encode())


def _error(status: int, code: str, message: str) -> Reply:
    return _json(status, {"errors": [{"code": code, "message": message}]})
