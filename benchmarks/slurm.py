"""Slurm beside us, when it is installed (`apt-get install slurmctld slurmd slurm-client`): started on loopback.

One controller and one node, configured for haste: no accounting, no authentication, a scheduler that looks at each
submission. They end with the measurement.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.farm.harness import free_port, wait_for

_PROGRAMS = ("slurmctld", "slurmd", "srun", "sinfo")
_SETTINGS = """\
ClusterName=bench
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/node.pid
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
NodeName=localhost NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES State=UP
"""


def srun_latencies(count: int) -> list[float]:
    """Milliseconds that `srun true` takes on an idle cluster, one after the other; empty when Slurm is not there.

    A job that comes before the former one's processor is given back waits for the next look of the scheduler, which
    says more of our haste than of Slurm: so each begins when the node is idle again.
    """
    if not all(map(shutil.which, _PROGRAMS)):
        return []
    found = []
    with _cluster() as environment:
        for _ in range(count):
            wait_for("an idle node", lambda: _is_idle(environment), pause=0.05)
            began = time.perf_counter()
            subprocess.run(["srun", "true"], env=environment, check=True, capture_output=True, timeout=60)
            found.append((time.perf_counter() - began) * 1000)
    return found


@contextlib.contextmanager
def _cluster() -> Iterator[dict[str, str]]:
    """The environment in which its commands work."""
    with tempfile.TemporaryDirectory(prefix="hq-slurm-") as text:
        folder = Path(text)
        environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
        (folder / "slurm.conf").write_text(
            _SETTINGS.format(
                user=getpass.getuser(),
                folder=folder,
                host=socket.gethostname().partition(".")[0],
                cpus=os.cpu_count(),
                controller_port=free_port(),
                node_port=free_port(),
            )
        )
        for name in ("state", "spool"):
            (folder / name).mkdir()
        daemons = [
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in (["slurmctld", "-D"], ["slurmd", "-D", "-N", "localhost"])
        ]
        try:
            yield environment
        finally:
            for daemon in reversed(daemons):
                daemon.terminate()
            for daemon in daemons:
                daemon.wait(timeout=30)


def _is_idle(environment: dict[str, str]) -> bool:
    asked = subprocess.run(
        ["sinfo", "--noheader", "--format=%t"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    return asked.stdout.strip() == "idle"
