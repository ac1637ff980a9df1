"""A PostgreSQL server of the tests' own."""

import os
import pwd
import subprocess
from pathlib import Path

import psycopg

POSTGRES = Path("/usr/lib/postgresql/15/bin")


class Cluster:
    """A PostgreSQL server on a socket in a temporary folder; no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user: dict[str, object] = {}
        if os.geteuid() == 0:
            found = pwd.getpwnam("postgres")
            os.chown(folder, found.pw_uid, found.pw_gid)
            self._user = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [POSTGRES / program, *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **self._user,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr

    def start(self, *, fsync: bool = False) -> None:
        data = f"{self.folder}/data"
        self._run("initdb", "-D", data, "-U", "adwatch", "-A", "trust", "-E", "UTF8", "--no-sync")
        sync = "on" if fsync else "off"
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"unix_socket_directories = '{self.folder}'\nlisten_addresses = ''\n"
                f"fsync = {sync}\nmax_connections = 80\n"
            )
        self.resume()

    def resume(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://adwatch@/{name}?host={self.folder}"

    def sql(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="adwatch", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def create(self, name: str, template: str = "template1") -> str:
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)
