"""Handing mails over to a real mail server: login, encryption, refusals, what a mail looks like."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import replace

import pytest

from hqserver.config import MailServer
from hqserver.core.kept import Mail
from hqserver.mailer import Later, Refused, as_message, send
from hqserver.settings import Security
from tests.server.smtp import AUTHORITY, PASSWORD, USER, Postbox, mail_server

# aiosmtpd does not see that a connection is encrypted when it is so from its first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
MAIL = Mail(
    7, 17, "failed", ("anna@example.org", "ben@example.org"), "job 17 failed: ünïcode", "It failed.\n.\nEnd.\n", 1.7e9
)


def server_at(port: int, security: str = "none") -> MailServer:
    user, password = (USER, PASSWORD) if security != "none" else ("", "")
    return MailServer("localhost", port, "hq@example.org", Security(security), user, password, AUTHORITY)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_is_handed_over_with_login_and_encryption(security: str) -> None:
    postbox = Postbox()
    with mail_server(postbox, security) as port:
        send(server_at(port, security), MAIL)
    (mail,) = postbox.mails
    assert (mail["From"], mail["To"]) == ("hq@example.org", "anna@example.org, ben@example.org")
    assert mail["Subject"] == "job 17 failed: ünïcode"
    assert mail["Message-ID"] == "<hq.7.1700000000@example.org>"
    assert (mail["X-HQ-Job"], mail["X-HQ-Reason"]) == ("17", "failed")
    assert mail.get_content().replace("\r\n", "\n") == "It failed.\n.\nEnd.\n"  # type: ignore[attr-defined]
    assert postbox.was_encrypted == [security != "none"]


def test_nothing_is_sent_in_clear_to_a_server_that_should_encrypt() -> None:
    postbox = Postbox()
    with mail_server(postbox) as port, pytest.raises(smtplib.SMTPNotSupportedError):
        send(replace(server_at(port), security=Security.STARTTLS), MAIL)
    assert not postbox.mails


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(security: str) -> None:
    postbox = Postbox()
    with mail_server(postbox, security) as port, pytest.raises(ssl.SSLCertVerificationError):
        send(replace(server_at(port, security), authorities=""), MAIL)
    assert not postbox.mails


def test_a_wrong_password_is_tried_again_later() -> None:
    with mail_server(Postbox(), "tls") as port, pytest.raises(smtplib.SMTPAuthenticationError):
        send(replace(server_at(port, "tls"), password="wrong"), MAIL)


@pytest.mark.parametrize(("answer", "outcome"), [("550 no such user", Refused), ("450 come back", Later)])
def test_a_refusal_is_for_good_or_for_now(answer: str, outcome: type[Exception]) -> None:
    with mail_server(Postbox(lambda address: answer)) as port, pytest.raises(outcome, match=answer[4:]):
        send(server_at(port), MAIL)


def test_one_good_address_is_enough() -> None:
    postbox = Postbox(lambda address: "550 no" if address.startswith("ben") else None)
    with mail_server(postbox) as port:
        send(server_at(port), MAIL)
    assert len(postbox.mails) == 1


@pytest.mark.parametrize(
    "wrong", [{"to": ("a@b\nBcc: all@example.org",)}, {"subject": "job\r\nBcc: all@example.org"}], ids=str
)
def test_nobody_writes_headers_of_their_own(wrong: dict[str, object]) -> None:
    mail = replace(MAIL, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="linefeed"):
        as_message(server_at(25), mail)
    with pytest.raises(Refused):
        send(server_at(25), mail)
