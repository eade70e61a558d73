"""Who comes in by the front door: told from method, target and headers alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.front_door import DoorRules, Verdict, is_known_host, judge
from hqserver.wire.roles import BODY_LIMITS, Role, admits

RULES = DoorRules(
    body_limit=64 << 20, allowed_hosts=frozenset({"farm", "farm.studio.example"}), hosts_hint="Add it to allowed_hosts."
)
PLAIN = {b"host": b"127.0.0.1:5000", b"content-type": b"text/xml", b"content-length": b"100"}


def knock(
    *more: tuple[bytes, bytes], method: bytes = b"POST", path: bytes = b"/RPC2", identified: bool = False
) -> Verdict:
    """A plain call with some headers replaced; None-like empty values stay."""
    headers = {**PLAIN, **dict(more)}
    return judge(method, path, [item for item in headers.items() if item[1] != b"-"], RULES, identified=identified)


def test_a_plain_call_comes_in() -> None:
    assert knock() == Verdict(200, length=100)


def test_what_the_standard_library_sends_comes_in() -> None:
    verdict = knock(
        (b"accept-encoding", b"gzip"), (b"user-agent", b"Python-xmlrpc/3.11"), (b"authorization", b"Basic eA==")
    )
    assert verdict == Verdict(200, length=100, may_pack=True)


@pytest.mark.parametrize(
    "method", [b"GET", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"CONNECT", b"OPTIONS", b"HEAD", b"post"]
)
def test_x45_only_post(method: bytes) -> None:
    assert knock(method=method).status == 405


def test_health_asks_for_nothing() -> None:
    assert judge(b"GET", b"/healthz", [], RULES).is_health
    assert judge(b"POST", b"/healthz", list(PLAIN.items()), RULES).status == 404
    assert judge(b"GET", b"/healthz?x", [], RULES).status == 405


@pytest.mark.parametrize(
    "path",
    [
        b"/anything",
        b"/RPC2/",
        b"/RPC2/../etc",
        b"//RPC2",
        b"/RPC2?x=1",
        b"/rpc2",
        b"/RPC%32",
        b"http://a/RPC2",
        b"*",
        b"",
        b"/?",
    ],
)
def test_x47_only_two_paths(path: bytes) -> None:
    assert knock(path=path).status == 404


def test_both_paths() -> None:
    assert knock(path=b"/").status == knock(path=b"/RPC2").status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"content-length", b"-")], 411),
        ([(b"content-length", b"")], 400),
        ([(b"content-length", b"-1")], 400),
        ([(b"content-length", b"+1")], 400),
        ([(b"content-length", b"1_0")], 400),
        ([(b"content-length", b"1, 1")], 400),
        ([(b"content-length", "٣".encode())], 400),
        ([(b"content-length", b"9" * 19)], 400),
        ([(b"content-length", b"1" + b"0" * 15)], 413),
        ([(b"content-length", str((64 << 20) + 1).encode())], 413),
        ([(b"content-length", str(64 << 20).encode())], 200),
        ([(b"transfer-encoding", b"chunked")], 400),
        ([(b"content-length", b"-"), (b"transfer-encoding", b"chunked")], 200),
        ([(b"content-length", b"-"), (b"transfer-encoding", b"gzip, chunked")], 400),
        ([(b"content-length", b"-"), (b"transfer-encoding", b"identity")], 400),
    ],
)
def test_x49_length_and_chunks(headers: list[tuple[bytes, bytes]], status: int) -> None:
    verdict = knock(*headers)
    assert verdict.status == status
    assert verdict.leaves_body is (status != 200)


@pytest.mark.parametrize(
    "name", [b"content-length", b"content-type", b"origin", b"host", b"sec-fetch-site", b"content-encoding"]
)
def test_a_header_that_decides_stands_once(name: bytes) -> None:
    value = {b"origin": b"http://a", b"sec-fetch-site": b"none", b"content-encoding": b"identity"}.get(
        name, PLAIN.get(name, b"")
    )
    rules = DoorRules(body_limit=1000, allowed_origins=frozenset({b"http://a"}))
    once = [*((key, text) for key, text in PLAIN.items() if key != name), (name, value)]
    assert judge(b"POST", b"/", once, rules).status == 200
    assert judge(b"POST", b"/", [*once, (name, value)], rules).status in (400, 403, 415, 421)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (b"text/xml", 200),
        (b"text/xml; charset=utf-8", 200),
        (b"Text/XML", 200),
        (b"application/xml", 200),
        (b"text/plain", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"multipart/form-data; boundary=text/xml", 415),
        (b"text/plain;text/xml", 415),
        (b"text/xmlx", 415),
        (b"-", 415),
        (b"", 415),
    ],
)
def test_a_form_cannot_say_that_it_is_xml(kind: bytes, status: int) -> None:
    assert knock((b"content-type", kind)).status == status


@pytest.mark.parametrize(
    ("coding", "status"), [(b"gzip", 200), (b"identity", 200), (b"deflate", 415), (b"br", 415), (b"gzip, gzip", 415)]
)
def test_x53_packing(coding: bytes, status: int) -> None:
    verdict = knock((b"content-encoding", coding))
    assert verdict.status == status
    assert verdict.packed is (coding == b"gzip")


@pytest.mark.parametrize("origin", [b"null", b"http://evil.example", b"http://127.0.0.1:5000", b"", b"file://"])
def test_x41_web_pages_stay_outside(origin: bytes) -> None:
    """Also one whose origin is our own address: a name bound to it makes origin and host equal."""
    assert knock((b"origin", origin)).status == 403


def test_an_origin_may_be_allowed() -> None:
    rules = DoorRules(body_limit=1000, allowed_origins=frozenset({b"https://pipeline.studio.example"}))
    headers = [*PLAIN.items(), (b"origin", b"https://pipeline.studio.example")]
    assert judge(b"POST", b"/", headers, rules).status == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [(b"cross-site", 403), (b"same-site", 403), (b"anything", 403), (b"same-origin", 200), (b"none", 200)],
)
def test_fetches_from_elsewhere_stay_outside(site: bytes, status: int) -> None:
    assert knock((b"sec-fetch-site", site)).status == status


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:5000", True),
        ("10.1.2.3:5000", True),
        ("[::1]:5000", True),
        ("[::1]", True),
        ("localhost:5000", True),
        ("LOCALHOST.", True),
        ("node7.local:5000", True),
        ("farm:5000", True),
        ("Farm.Studio.Example", True),
        ("evil.example", False),
        ("evil.example:5000", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example/127.0.0.1", False),
        ("127.0.0.1@evil.example", False),
        ("127.1", False),
        ("2130706433", False),
        ("0x7f.0.0.1", False),
        ("local", False),
        ("::1", True),
        ("[::1", False),
        ("[evil.example]", False),
        ("", False),
        (":5000", False),
        ("farm:٣", False),
    ],
)
def test_x43_by_which_names_the_server_goes(host: str, known: bool) -> None:
    assert is_known_host(host, RULES.allowed_hosts) is known
    assert knock((b"host", host.encode() or b"")).status == (200 if known else 421)


def test_a_caller_with_a_credential_may_use_any_name() -> None:
    """No page has a credential of ours, so the name tells nothing then."""
    assert knock((b"host", b"evil.example"), identified=True).status == 200
    assert knock((b"host", b"evil.example"), (b"origin", b"null"), identified=True).status == 403


def test_a_caller_of_old_without_host_is_no_browser() -> None:
    assert knock((b"host", b"-")).status == 200


def test_the_refusal_of_a_name_says_what_to_do() -> None:
    assert "allowed_hosts" in knock((b"host", b"evil.example")).text


@pytest.mark.parametrize(
    ("accepted", "packs"),
    [(b"gzip", True), (b"GZIP;q=1.0, identity", True), (b"deflate, gzip ; q=0.5", True), (b"gzip;q=0", False), (b"gzip; q=0.000", False), (b"br", False), (b"", False)],
)  # fmt: skip
def test_who_takes_gzip(accepted: bytes, packs: bool) -> None:
    assert knock((b"accept-encoding", accepted)).may_pack is packs


names = st.sampled_from(
    [*PLAIN, b"origin", b"sec-fetch-site", b"transfer-encoding", b"content-encoding", b"accept-encoding", b"x"]
)


@given(st.binary(max_size=8), st.binary(max_size=8), st.lists(st.tuples(names, st.binary(max_size=20)), max_size=8))
def test_any_request_gets_a_verdict(method: bytes, path: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    assert judge(method, path, headers, RULES).status in (200, 400, 403, 404, 405, 411, 413, 415, 421)
    assert judge(b"POST", b"/", headers, RULES).status in (200, 400, 403, 411, 413, 415, 421)


def test_roles_include_those_below() -> None:
    operator = frozenset({Role.OPERATOR})
    assert [role for role in Role if admits(operator, role)] == [
        Role.ANONYMOUS,
        Role.VIEWER,
        Role.SUBMITTER,
        Role.OPERATOR,
    ]


def test_an_agent_is_nobody_else_and_nobody_else_is_an_agent() -> None:
    assert [role for role in Role if admits(frozenset({Role.AGENT}), role)] == [Role.AGENT]
    assert not admits(frozenset({Role.ADMIN}), Role.AGENT)


def test_every_role_has_a_limit() -> None:
    assert set(BODY_LIMITS) == set(Role)
