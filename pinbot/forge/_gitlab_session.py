"""What python-gitlab asks over: one origin, checked connections, limited answers, nothing followed, nothing repeated.

python-gitlab asks with requests, which would follow redirects with the token's header, and take proxies, certificates
and passwords from wherever it finds them; its own retries would ask twice for what may be done once.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from pinbot import __version__
from pinbot.errors import AddressRefused, ForgeError
from pinbot.forge._base import World
from pinbot.forge._line import Line, Wire, open_line
from pinbot.net.origin import Origin
from pinbot.secret import Secret

# How a token is shown: PRIVATE-TOKEN for those of persons, projects and groups, Authorization: Bearer for OAuth.
# https://docs.gitlab.com/api/rest/authentication/
TokenKind = Literal["access", "oauth"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a server answered: header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wired:
    """A GitLab that is asked through its library; one request after the other, from whatever thread.

    Raises AddressRefused for a host that may not be asked.
    """

    def __init__(self, site: str, token: Secret, kind: TokenKind, wire: Wire, world: World) -> None:
        self.origin = Origin.parse(site)
        self._line = open_line(site, wire, world)
        self._adapter = _Adapter(self._line)
        session = _Session()
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        self._client = Gitlab(
            site,
            private_token=token.reveal() if kind == "access" else None,
            oauth_token=token.reveal() if kind == "oauth" else None,
            timeout=wire.timeout_seconds,
            user_agent=f"pinbot/{__version__}",
            retry_transient_errors=False,
            session=session,
        )
        self._graph = f"{site}/api/graphql"
        self._one_asks = Lock()

    def ask(self, method: str, path: str, query: Mapping[str, Any] | None, fields: Mapping[str, Any] | None) -> Heard:
        """Return what is answered, whatever it is; `path` is below the API, or a question of GraphQL where empty.

        Raises NetError where there is no answer, ForgeError where the library cannot send the question.
        """
        with self._one_asks:
            self._adapter.heard = None
            try:
                self._client.http_request(
                    method.lower(),
                    path or self._graph,
                    query_data=dict(query or {}),
                    post_data=dict(fields) if fields is not None else None,
                    obey_rate_limit=False,
                    retry_transient_errors=False,
                    max_retries=0,
                )
            except (GitlabError, requests.RequestException, ValueError):
                if self._adapter.heard is None:
                    raise ForgeError(f"{self.origin}: a question that cannot be sent") from None
            heard = self._adapter.heard
        assert heard is not None, "what is not answered raises"
        return heard

    def close(self) -> None:
        """Close all connections."""
        self._line.close()


class _Session(requests.Session):
    """Follows nothing: where an answer leads is looked at by our rules."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 (the same for all)
        """Return that there is none."""
        return None


class _Adapter(BaseAdapter):
    """Sends over our line, and keeps what was heard last: the library's errors have no headers."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.heard: Heard | None = None
        self._line = line

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the answer to a request for the one origin. Raises NetError."""
        origin = self._line.origin
        if Origin.parse(request.url or "") != origin:
            raise AddressRefused(f"{origin}: a request for another server is not sent")
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name: _text(value) for name, value in request.headers.items()}
        sent = body if isinstance(body, bytes) else None
        status, told, content = self._line.ask(request.method or "GET", request.path_url, headers, sent)
        self.heard = Heard(status, {name.lower(): value for name, value in told.items()}, content)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url or ""
        response.headers = CaseInsensitiveDict(self.heard.headers)
        response.raw = io.BytesIO(content)
        return response

    def close(self) -> None:
        """The connections are closed by whoever opened the line."""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
