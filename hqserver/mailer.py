"""Sends what is in the farm's outbox of mails, one after the other, until the mail server has taken it.

A mail server that is away or refuses for now is tried again with growing pauses; what it refuses for good is given up,
and the server's log says so. Sending is done on a thread: a slow mail server keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from hqserver.config import MailServer
from hqserver.core.commands import MailDone
from hqserver.core.kept import Kept, Mail
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.settings import Security

log = logging.getLogger("hqserver.mail")

_TIMEOUT_SECONDS: Final = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0
_GIVE_UP_SECONDS: Final = 3 * 86_400.0
_PERMANENT: Final = 500


class Refused(Exception):
    """The mail server refuses a mail for good."""


class Later(Exception):
    """The mail server does not take this mail now; it may take others."""


class Mailer:
    """Empties the outbox. Made and used on the engine's loop."""

    def __init__(self, engine: Engine, server: MailServer) -> None:
        self._engine = engine
        self._server = server
        self._news = asyncio.Event()
        engine.observers.append(self._look)

    def _look(self, changes: Changes) -> None:
        if Kept.MAILS in changes.kept:
            self._news.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        pause = _FIRST_PAUSE
        while True:
            self._news.clear()
            failure = await self._empty()
            if failure is None:
                pause = _FIRST_PAUSE
                await self._news.wait()
            else:
                log.error("mail cannot be sent through %s: %s", self._server.host, failure)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _empty(self) -> Exception | None:
        """Send what is there and on disk, oldest first; why some of it has to wait, if it has to."""
        left: Exception | None = None
        for mail in list(self._engine.farm.mails.values()):
            await self._engine.settled(mail.revision)
            try:
                await asyncio.to_thread(send, self._server, mail)
            except Refused as refused:
                log.error("a mail to %s was refused: %s", ", ".join(mail.to)[:200], refused)
            except (Later, OSError, smtplib.SMTPException) as failure:
                left = failure
                if self._engine.now().wall - mail.at < _GIVE_UP_SECONDS:
                    if isinstance(failure, Later):
                        continue
                    return failure
                log.error("a mail to %s could not be sent for days and is dropped", ", ".join(mail.to)[:200])
            await self._engine.change(MailDone(mail.id))
        return left


def send(server: MailServer, mail: Mail) -> None:
    """Hand a mail over. Raises Refused, Later, or OSError and SMTPException when no mail can be sent now."""
    try:
        message = as_message(server, mail)
    except ValueError as problem:
        raise Refused(f"it cannot be written: {problem}") from None
    with _connection(server) as connection:
        if server.user:
            connection.login(server.user, server.password)
        try:
            some = connection.send_message(message, from_addr=server.sender, to_addrs=list(mail.to))
        except smtplib.SMTPRecipientsRefused as refused:
            for_good = all(code >= _PERMANENT for code, _ in refused.recipients.values())
            raise (Refused if for_good else Later)(str(refused)) from None
        except smtplib.SMTPResponseException as refused:
            raise (Refused if refused.smtp_code >= _PERMANENT else Later)(str(refused)) from None
        if some:
            log.error("a mail was taken, but not for %s", ", ".join(some)[:200])


def _connection(server: MailServer) -> smtplib.SMTP:
    """A connection as protected as was asked for, never less."""
    if server.security is Security.NONE:
        return smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
    context = ssl.create_default_context(cafile=server.authorities or None)
    if server.security is Security.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def as_message(server: MailServer, mail: Mail) -> EmailMessage:
    """The mail as it travels. Raises ValueError for an address that cannot stand in a header."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = ", ".join(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at, UTC))
    message["Message-ID"] = f"<hq.{mail.id}.{int(mail.at)}@{server.sender.rpartition('@')[2] or 'hqserver'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-HQ-Reason"] = mail.reason
    if mail.job is not None:
        message["X-HQ-Job"] = str(mail.job)
    message.set_content(mail.body)
    return message
