"""A real mail server on loopback, and a certificate for `localhost` that only these tests trust."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.farm.harness import free_port

_CERTIFICATES: Final = Path(__file__).parent / "certificates"
AUTHORITY: Final = str(_CERTIFICATES / "localhost.pem")
USER, PASSWORD = "hq", "se cret%"


class Postbox:
    """Keeps what it is given. `refuse` gives an answer for an address that it does not take."""

    def __init__(self, refuse: Callable[[str], str | None] = lambda address: None) -> None:
        self.mails: list[Message] = []
        self.was_encrypted: list[bool] = []
        self._refuse = refuse

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refuse(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        transport = server.transport
        assert transport is not None
        self.was_encrypted.append(transport.get_extra_info("sslcontext") is not None)
        return "250 taken"

    def wait(self, count: int, seconds: float = 30.0) -> list[Message]:
        """The mails once there are so many."""
        end = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < end, f"{len(self.mails)} of {count} mails came"
            time.sleep(0.02)
        return self.mails


def _authenticated(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(postbox: Postbox, security: str = "none", port: int = 0) -> Iterator[int]:
    """Runs one on a port of loopback, for `none`, `starttls` or `tls`; the latter two want a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATES / "localhost.pem", _CERTIFICATES / "localhost.key")
    more: dict[str, Any] = {}
    if security != "none":
        more = {"authenticator": _authenticated, "auth_required": True, "auth_require_tls": security == "starttls"}
    if security == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    if security == "tls":
        more |= {"ssl_context": context}
    controller = Controller(postbox, hostname="127.0.0.1", port=port or free_port(), **more)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
