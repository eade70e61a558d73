"""Commands in units of systemd, as systemd.service(5) has them."""

from __future__ import annotations

import pytest

from hqserver.wire.units import exec_line, name_part


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/srv/hq", "/srv/hq"),
        ("--cpus=4", "--cpus=4"),
        ("/srv/my farm", '"/srv/my farm"'),
        ("it's", '"it\'s"'),
        ('a "b" \\c', '"a \\"b\\" \\\\c"'),
        ("100%", '"100%%"'),
        ("p$a", '"p$$a"'),
        ("ü", '"ü"'),
        ("", '""'),
    ],
)
def test_a_word_is_quoted_as_systemd_reads_it(word: str, written: str) -> None:
    assert exec_line(["/bin/program", word]) == f"/bin/program {written}"


def test_the_program_itself_is_no_place_for_variables() -> None:
    assert exec_line(["/opt/a$b c/python", "x"]) == '"/opt/a$b c/python" x'


def test_a_units_name_leads_nowhere_else() -> None:
    assert name_part("gpu-1.b") == "gpu-1.b"
    assert name_part("../a b") == ".._a_b"
