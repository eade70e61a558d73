"""`hqserver.ini`: HQueue's old and new keys, network folders, and what scripts may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hqserver import sample
from hqserver.config import BadSetting, Config, read_config
from hqserver.settings import Security

ROOT = Path(__file__).parents[2]


OLD = """\
[DEFAULT]
debug = true
email_to = wranglers@example.org, td@example.org
smtp_server = localhost
error_email_from = hq@example.org

[server:main]
use = egg:Paste#http
host = 0.0.0.0
port = 5055

[app:main]
hqserver.port = 5055
hqserver.activeTimeout = 7
hqserver.expireJobsDays = 10
hqserver.sharedNetwork.host = nas
hqserver.sharedNetwork.path.linux = %(here)s/shared
hqserver.sharedNetwork.path.windows = hq
hqserver.sharedNetwork.mount.linux = /mnt/hq
hqserver.sharedNetwork.mount.windows = H:
hqserver.sharedNetwork.mount.macosx = /Volumes/HQShared
sqlalchemy.default.url = sqlite:///%(here)s/db/hqserver.db
hqserver.upgradePriority = 100
job_logs_dir = %(here)s/job_logs
"""


def read_config_of(folder: Path, text: str, folders: str = "") -> Config:
    (folder / "hqserver.ini").write_text(text)
    if folders:
        (folder / "network_folders.ini").write_text(folders)
    return read_config(folder / "hqserver.ini")


def test_a_file_of_an_old_hqueue_is_understood(tmp_path: Path) -> None:
    config = read_config_of(tmp_path, OLD)
    settings = config.farm_settings()
    assert (config["port"], settings.abandon_after, config["debug"]) == (5055, 420.0, True)
    assert settings.mail_to == ("wranglers@example.org", "td@example.org")
    assert settings.mail_from == "hq@example.org"
    server = config.mail_server()
    assert server is not None
    assert (server.host, server.port, server.security) == ("localhost", 25, Security.NONE)
    assert config["job_logs_dir"] == f"{tmp_path}/job_logs"
    (root,) = config.folders()
    assert [root.path(name) for name in ("linux", "macosx", "windows")] == ["/mnt/hq", "/Volumes/HQShared", r"\\nas\hq"]
    assert root.path("windows", mounted=True) == "H:"
    told = "\n".join(config.unknown)
    assert "sqlalchemy.default.url means nothing" in told
    assert "upgradepriority" in told


def test_a_file_of_a_new_hqueue_is_understood_and_its_folders_too(tmp_path: Path) -> None:
    config = read_config_of(
        tmp_path,
        "[main]\nport = 5000\nactive_timeout = 3\nnonsense = 1\n",
        "[main]\nhqserver.sharedNetwork.mount.linux = /mnt/hq\n[SHOTS]\nlinux = /mnt/shots\nwindows = \\\\nas\\shots\n",
    )
    assert config.farm_settings().abandon_after == 180.0
    root, shots = config.folders()
    assert (root.name, root.linux, root.path("windows")) == ("HQROOT", "/mnt/hq", "")
    assert (shots.name, shots.linux, shots.windows, shots.macosx) == ("SHOTS", "/mnt/shots", r"\\nas\shots", "")
    assert config.unknown == (f"nonsense means nothing in {tmp_path}/hqserver.ini: there is no such setting",)


def test_without_a_share_windows_uses_the_drive(tmp_path: Path) -> None:
    config = read_config_of(
        tmp_path, "[main]\nsharedNetwork.host = nas\nsharedNetwork.mount.windows = H:\nhq_root = /hq\n"
    )
    (root,) = config.folders()
    assert (root.path("windows"), root.path("windows", mounted=True), root.path("linux")) == ("H:", "H:", "/hq")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[main]\nport = http\n", "port must be a port, got 'http'"),
        ("[main]\nport = 70000\n", "port must be a port"),
        ("[main]\nactive_timeout = soon\n", "active_timeout must be minutes"),
        ("[main]\nactive_timeout = -1\n", "active_timeout must be minutes, more than 0, got '-1'"),
        ("[main]\nheartbeat = 0\n", "heartbeat must be seconds, more than 0"),
        ("[main]\nlease = nan\n", "lease must be seconds, more than 0"),
        ("[main]\nlease = inf\n", "lease must be seconds, more than 0"),
        ("[main]\ndebug = maybe\n", "debug must be 0 or 1"),
        ("[main]\nsmtp_server = mail:x\nerror_email_from = a@b\n", "smtp_server must be host or host:port"),
        ("[main]\nsmtp_security = ssl\n", "smtp_security must be none, starttls or tls"),
        ("[main]\nsmtp_server = mail\n", "error_email_from must be an address"),
        ("[main]\nport = 1\nport = 2\n", "cannot be read"),
        ("port = 1\n", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        read_config_of(tmp_path, text)


def test_scripts_read_both_names_and_no_secrets(tmp_path: Path) -> None:
    config = read_config_of(tmp_path, OLD + "smtp_password = 100%sure\nsmtp_user = hq\n")
    server = config.mail_server()
    assert server is not None
    assert server.password == "100%sure"
    assert config.readable("active_timeout") == config.readable("hqserver.activeTimeout") == "7"
    assert config.readable("hqserver.sharedNetwork.host") == "nas"
    assert config.readable("smtp_server") == "localhost"
    secret = ("smtp_password", "smtp_user", "smtp_ca", "database", "sqlalchemy.default.url", "", "../hqserver.ini")
    assert [config.readable(key) for key in secret] == [None] * len(secret)


def test_the_sample_file_is_fresh_and_sets_nothing_but_defaults(tmp_path: Path) -> None:
    written = (ROOT / "resources" / "config" / "hqserver.ini").read_text(encoding="utf-8")
    assert written == sample.text(), "run: python -m hqserver.sample resources/config/hqserver.ini"
    assert read_config_of(tmp_path, written).texts == read_config(None).texts
    set_ = "\n".join(line.removeprefix("# ") for line in written.splitlines())
    assert read_config_of(tmp_path, set_).texts == read_config(None).texts
