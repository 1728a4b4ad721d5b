"""The embedded server comes with its first user, goes with its last; if it cannot, it says why."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from application.database import Database, DatabaseUnavailable
from application.embedded import embedded_server
from tests.conftest import TEMPORARY

USER_OF_THE_SERVER = """
import sys
from pathlib import Path
from application.embedded import embedded_server
with embedded_server(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(cluster: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_THE_SERVER, str(cluster)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def answers(database: Database) -> bool:
    try:
        psycopg.connect(database.administrator).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def cluster() -> Iterator[Path]:
    """Not in pytest's own folder, which another pytest session closes to the server's user."""
    with TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY) as folder:
        yield Path(folder, "postgres")


def test_the_last_user_stops_the_server(cluster: Path) -> None:
    with embedded_server(cluster) as database:
        with embedded_server(cluster) as same:
            assert same == database
        assert answers(database)
    assert not answers(database)


def test_processes_use_one_server_together(cluster: Path) -> None:
    with another_process(cluster), embedded_server(cluster) as database:
        assert answers(database)


def test_the_server_outlives_the_process_that_started_it(cluster: Path) -> None:
    with another_process(cluster) as starter, embedded_server(cluster) as database:
        starter.communicate()
        assert starter.returncode == 0
        assert answers(database)
    assert not answers(database)


def test_a_killed_user_does_not_keep_the_server_alive(cluster: Path) -> None:
    with another_process(cluster) as killed, embedded_server(cluster) as database:
        killed.kill()
        killed.wait()
        assert answers(database)
    assert not answers(database)


def test_a_server_left_behind_by_a_killed_user_is_taken_over(cluster: Path) -> None:
    with another_process(cluster) as killed:
        killed.kill()
    with embedded_server(cluster) as database:
        assert answers(database)
    assert not answers(database)


def test_a_second_start_finds_what_the_first_one_wrote(cluster: Path) -> None:
    with embedded_server(cluster) as database, psycopg.connect(database.administrator) as first:
        first.execute("create table kept ()")
    with embedded_server(cluster) as database, psycopg.connect(database.administrator) as second:
        assert second.execute("select to_regclass('kept')::text").fetchone() == ("kept",)


def test_a_server_killed_under_its_users_is_started_anew(cluster: Path) -> None:
    with embedded_server(cluster) as database:
        with psycopg.connect(database.administrator) as connection:
            connection.execute("create table kept ()")
        server = psutil.Process(int((cluster / "postmaster.pid").read_text().split()[0]))
        processes = [server, *server.children()]
        server.kill()
        psutil.wait_procs(processes, 10)  # the others notice that their parent died
        with embedded_server(cluster), psycopg.connect(database.administrator) as again:
            assert again.execute("select to_regclass('kept')::text").fetchone() == ("kept",)


def test_a_first_start_that_was_killed_half_way_is_begun_anew(cluster: Path) -> None:
    unfinished = cluster.with_name("postgres.new")
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    with embedded_server(cluster) as database:
        assert answers(database)
    assert not unfinished.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_one_and_leaves_nothing(
    cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(cluster.parent))
    with embedded_server(cluster.parent / ("long" * 25) / "postgres") as database:
        (short,) = cluster.parent.glob("huhang-*")
        assert short.stat().st_mode & 0o077 == 0
        assert answers(database)
    assert list(cluster.parent.glob("huhang-*")) == []


def test_other_people_of_the_machine_do_not_reach_the_server(cluster: Path) -> None:
    with embedded_server(cluster) as database:
        socket_folder = Path(str(conninfo_to_dict(database.administrator)["host"]))
        assert socket_folder.stat().st_mode & 0o077 == 0
        with psycopg.connect(database.administrator) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_a_folder_that_holds_something_else_is_left_alone(cluster: Path) -> None:
    cluster.mkdir()
    (cluster / "letter").write_text("dear")
    with pytest.raises(DatabaseUnavailable, match="no database"), embedded_server(cluster):
        pass
    assert (cluster / "letter").read_text() == "dear"


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with (
        pytest.raises(DatabaseUnavailable, match="HUHANG_HOME"),
        embedded_server(tmp_path / "home" / "postgres"),
    ):
        pass


def test_a_server_that_does_not_start_says_why(cluster: Path) -> None:
    with embedded_server(cluster):
        pass
    with (cluster / "postgresql.conf").open("a") as configuration:
        configuration.write("nonsense = on\n")
    with (
        pytest.raises(DatabaseUnavailable, match=r"does not start(.|\n)*nonsense"),
        embedded_server(cluster),
    ):
        pass


def test_loading_the_module_writes_nothing_and_warns_of_nothing(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "XDG_RUNTIME_DIR"}
    subprocess.run(
        [sys.executable, "-W", "error", "-c", "import application.embedded"],
        env={**environment, "TMPDIR": str(tmp_path)},
        check=True,
    )
    assert list(tmp_path.iterdir()) == []
