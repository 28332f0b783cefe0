"""The limit of open files and connections."""

import resource
import socket
import urllib.request
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.browsing import serve


@contextmanager
def at_most(count: int):
    """So many may be open in this process, and in those that it starts."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_server_answers_beside_more_connections_than_macos_usually_lets_a_process_have(tmp_path):
    with ExitStack() as opened:
        with at_most(256):
            address = opened.enter_context(serve(tmp_path / "home", classifies=False))
        for _ in range(300):
            opened.enter_context(socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)))
        with urllib.request.urlopen(f"{address}/api/runs", timeout=60) as answer:
            assert answer.status == 200
