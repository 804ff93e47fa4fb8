"""One registry, asked with as few requests as will do: HEAD first, GET where content or an error's text is needed.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull. On Docker Hub a HEAD is not a pull
(https://docs.docker.com/docker-hub/usage/pulls/).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from pinbot.errors import DigestMismatch, Forbidden, InvalidDigest, NotFound, RegistryError, Unauthorized
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.net.origin import Origin
from pinbot.net.response import CONFIG_BYTES, MANIFEST_BYTES, TAGS_BYTES, TOKEN_BYTES, Response
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import ACCEPTED
from pinbot.oci.resolution import Dead, Served, TagList
from pinbot.registry.auth import Authenticator
from pinbot.registry.credentials._base import Anonymous, Who
from pinbot.registry.decode import check_type, is_vague, media_type_of
from pinbot.registry.limit import Limit, Method, PullLimit
from pinbot.registry.refusal import refusal
from pinbot.registry.tags import read_page, read_tags

_DIGEST = "docker-content-digest"


class RegistryClient:
    """Asks one registry. Every method raises NetError and RegistryError."""

    def __init__(
        self,
        registry: str,
        origin: Origin,
        client: Client,
        auth: Authenticator,
        limit: Limit,
        pulls: PullLimit,
    ) -> None:
        self._registry = registry
        self._origin = origin
        self._client = client
        self._auth = auth
        self._limit = limit
        self._pulls = pulls

    @property
    def origin(self) -> Origin:
        """Where the registry is asked."""
        return self._origin

    @property
    def auth(self) -> Authenticator:
        """What knows how to be let in."""
        return self._auth

    async def probe(self, path: str, name: str) -> Response:
        """Return the answer to a HEAD on a tag or digest as it is: its status and its headers."""
        return await self._ask("HEAD", path, f"manifests/{name}", MANIFEST_BYTES)

    async def knock(self) -> Response:
        """Return the answer to the ping with our login, which asks for no repository."""
        credential = await self._auth.credential("", await self._auth.who(""))
        return await self._client.request("GET", f"{self._origin}/v2/", limit=TOKEN_BYTES, credential=credential)

    async def greet(self) -> None:
        """Make sure that it is there and answers as a registry may."""
        self._limit.check(self._registry)
        await self._auth.greeting()

    async def head(self, path: str, tag: str) -> Served:
        """Return what a tag names now: by the header of a HEAD, or by hashing the body of a GET."""
        what = f"{self._registry}/{path}:{tag}"
        response = await self._ask("HEAD", path, f"manifests/{tag}", MANIFEST_BYTES)
        if response.status == 200:
            digest = _header_digest(response)
            # A pin is a sha256, which every client pulls; where the header has another algorithm, the body is hashed.
            if digest is not None and digest.algorithm == "sha256" and not is_vague(response.media_type):
                return Served(digest, check_type(response.media_type, what), response.date)
            if not is_vague(response.media_type):
                check_type(response.media_type, what)
        elif _is_final(response.status):
            raise refusal(response, what)
        media_type, _, digest = await self._get(path, tag, what, None)
        return Served(digest, media_type)

    async def alive(self, path: str, digest: Digest) -> Served | Dead:
        """Return whether a digest is served; Dead needs 404 twice and a repository that answers."""
        what = f"{self._registry}/{path}@{digest}"
        response = await self._ask("HEAD", path, f"manifests/{digest}", MANIFEST_BYTES)
        if response.status == 200 and not is_vague(response.media_type):
            media_type = check_type(response.media_type, what)
            named = _header_digest(response)
            if named is not None and named.algorithm == digest.algorithm and named != digest:
                raise DigestMismatch(f"{what}: the registry answers with another digest, {named}")
            return Served(digest, media_type)
        if _is_final(response.status):
            raise refusal(response, what)
        try:
            media_type, _, _ = await self._get(path, str(digest), what, digest)
        except NotFound:
            if response.status != 404 or not await self._repository_answers(path):
                raise
            return Dead(f"{what}: the registry has the repository, but serves this digest no more (404 twice)")
        return Served(digest, media_type)

    async def manifest(self, path: str, digest: Digest) -> tuple[str, bytes]:
        """Return the media type and the bytes of a manifest; they hash to `digest`."""
        media_type, body, _ = await self._get(path, str(digest), f"{self._registry}/{path}@{digest}", digest)
        return media_type, body

    async def blob(self, path: str, digest: Digest, limit: int = CONFIG_BYTES) -> bytes:
        """Return the bytes of a blob, such as a configuration, at most `limit`; they hash to `digest`."""
        what = f"{self._registry}/{path}@{digest}"
        response = await self._ask("GET", path, f"blobs/{digest}", limit, accept=())
        if response.status != 200:
            raise refusal(response, what)
        _verify(response.body, digest, what)
        return response.body

    async def tags(self, path: str) -> TagList:
        """Return the tags of a repository, and whether the list is complete."""

        async def page(target: str) -> Response:
            return await self._ask("GET", path, "", TAGS_BYTES, accept=("application/json",), target=target)

        return await read_tags(page, self._origin, path, f"{self._registry}/{path}")

    async def _repository_answers(self, path: str) -> bool:
        """Whether it has tags to list; a list of none could as well be another way of saying no."""
        response = await self._ask("GET", path, "tags/list?n=1", TAGS_BYTES, accept=("application/json",))
        if response.status != 200 or response.media_type != "application/json":
            return False
        return bool(read_page(response, f"{self._registry}/{path}"))

    async def _get(self, path: str, name: str, what: str, expected: Digest | None) -> tuple[str, bytes, Digest]:
        """Return media type, bytes and digest of a manifest, verified against what is expected and what it says."""
        response = await self._ask("GET", path, f"manifests/{name}", MANIFEST_BYTES)
        if response.status != 200:
            # A page for people is not the registry's word, but that of something in front of it.
            is_page = response.media_type == "text/html"
            raise refusal(response, what, (await self._auth.greeting()).looks_like_registry and not is_page)
        named = _header_digest(response)
        media_type = media_type_of(response.media_type, response.body, what)
        for digest in (expected, named):
            if digest is not None:
                _verify(response.body, digest, what)
        return media_type, response.body, expected or Digest.of(response.body)

    async def _ask(
        self,
        method: Method,
        path: str,
        tail: str,
        limit: int,
        accept: Sequence[str] = ACCEPTED,
        target: str | None = None,
    ) -> Response:
        """Ask for something of a repository; where its credentials are refused, once more as a stranger."""
        asked = _Asked(method, path, f"{self._origin}{target or f'/v2/{path}/{tail}'}", limit, accept)
        who = await self._auth.who(path)
        try:
            response = await self._ask_as(who, asked)
        except (Unauthorized, Forbidden):
            open_to_all = await self._as_stranger(who, asked)
            if open_to_all is None:
                raise
            return open_to_all
        if response.status not in {401, 403} or _lacks_scope(response):
            return response
        open_to_all = await self._as_stranger(who, asked)
        if open_to_all is None and self._auth.is_bad(who):
            raise self._auth.rejection(who)
        return open_to_all or response

    async def _ask_as(self, who: Who, asked: _Asked) -> Response:
        """Ask with what these credentials give, and with one new token after a 401."""
        path = asked.path
        async with self._auth.in_turn(who):
            self._limit.check(f"{self._registry}/{path}")
            credential = await self._auth.credential(path, who)
            response = await self._send(asked, who, credential)
            if credential is not None and self._refuses(response) and self._auth.may_renew(path, who):
                credential = await self._auth.renewed(path, who, credential)
                response = await self._send(asked, who, credential)
                if self._refuses(response):
                    self._auth.give_up(path, who)
            if response.status < 400 or response.status == 404:
                self._auth.accepted(who)
        return response

    async def _send(self, asked: _Asked, who: Who, credential: Credential | None) -> Response:
        """Send one request within the limits, and learn from the answer what they are now."""
        what = f"{self._registry}/{asked.path}"
        self._limit.check(what)
        pull = self._pulls.one(what, who, asked.path, asked.method) if asked.is_manifest else nullcontext()
        with pull as number:
            response = await self._client.request(
                asked.method, asked.url, limit=asked.limit, accept=asked.accept, credential=credential
            )
        if number is not None:
            self._pulls.note(response, number, what, who, asked.path, asked.method)
        self._limit.note(response)
        return response

    def _refuses(self, response: Response) -> bool:
        """Whether a login or token is refused: by the registry itself, since nobody else was shown it."""
        return response.status == 401 and response.origin == self._origin and not _lacks_scope(response)

    async def _as_stranger(self, who: Who, asked: _Asked) -> Response | None:
        """Ask once without credentials; None where there were none, and where strangers are refused as well."""
        if isinstance(who, Anonymous) or not self._auth.may_be_stranger(asked.path):
            return None
        try:
            credential = await self._auth.credential(asked.path, Anonymous())
            response = await self._send(asked, Anonymous(), credential)
        except (Unauthorized, Forbidden):
            self._auth.stay(asked.path)
            return None
        except RegistryError:
            return None
        if response.status in {401, 403}:
            self._auth.stay(asked.path)
        if response.status >= 400:
            return None
        self._auth.become_stranger(asked.path, who)
        return response


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as the registry's protocol has it."""

    method: Method
    path: str
    url: str
    limit: int
    accept: Sequence[str]

    @property
    def is_manifest(self) -> bool:
        return self.url.rpartition("/")[0].endswith("/manifests")


def _is_final(status: int) -> bool:
    """Whether a HEAD's status is the answer: a GET could not tell more, and would add to the load."""
    return status in {401, 429} or (status >= 500 and status != 501)


def _header_digest(response: Response) -> Digest | None:
    try:
        return Digest.parse(response.headers.get(_DIGEST, ""))
    except InvalidDigest:
        return None


def _lacks_scope(response: Response) -> bool:
    """Whether a 401 is about this repository alone: the token is good, and may not read it (Docker Hub)."""
    return 'error="insufficient_scope"' in response.headers.get("www-authenticate", "")


def _verify(body: bytes, digest: Digest, what: str) -> None:
    actual = Digest.of(body, digest.algorithm)
    if actual != digest:
        raise DigestMismatch(
            f"{what}: the bytes that came hash to {actual}, not to {digest}; the registry or something on the way is "
            "broken, or lies"
        )
