"""A failure is told in a file, and where the municipality wants it; the details stay in the file."""

import json
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from zoneinfo import ZoneInfo

import pytest

from pipelines.errors import Problem, QualityError, place_of
from pipelines.flows.notice import ADDRESS, COMMAND, Notice, StepError, give, reason_da

WHEN = datetime(2027, 2, 1, 6, 2, 3, tzinfo=ZoneInfo("Europe/Copenhagen"))
NOTICE = Notice("annual", 2026, WHEN, "Datakontrollen fandt alvorlige fejl.\n  - x: y")
HEADLINE = "Årlig evaluering for 2026 mislykkedes 01-02-2027 kl. 06.02."


@pytest.fixture(autouse=True)
def nobody_wants_it(monkeypatch):
    monkeypatch.delenv(COMMAND, raising=False)
    monkeypatch.delenv(ADDRESS, raising=False)


def test_the_file_says_what_the_command_line_would(tmp_path):
    path = give(NOTICE, tmp_path)
    assert path == tmp_path / "data" / "notices" / "20270201T060203-annual.txt"
    assert path.read_text(encoding="utf-8") == f"{HEADLINE}\n\n{NOTICE.why}\n"
    assert path.stat().st_mode & 0o077 == 0


def test_the_command_gets_one_line(tmp_path, monkeypatch):
    told = tmp_path / "told.txt"
    monkeypatch.setenv(COMMAND, f'cat > "{told}"')
    path = give(NOTICE, tmp_path)
    assert told.read_text(encoding="utf-8") == f"{HEADLINE} Se {path}\n"


def test_the_address_gets_the_same_line(tmp_path, monkeypatch):
    received = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    monkeypatch.setenv(ADDRESS, f"http://127.0.0.1:{server.server_port}/")
    path = give(NOTICE, tmp_path)
    thread.join()
    server.server_close()
    assert received == [{"text": f"{HEADLINE} Se {path}"}]


@pytest.mark.parametrize(
    ("name", "value"), [(COMMAND, "exit 3"), (ADDRESS, "http://127.0.0.1:9/"), (ADDRESS, "no address")]
)
def test_a_notice_that_cannot_be_sent_is_still_in_the_file(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    text = give(NOTICE, tmp_path).read_text(encoding="utf-8")
    assert text.startswith(HEADLINE)
    assert "Beskeden kunne ikke sendes" in text


def test_only_what_was_written_for_a_reader_is_quoted():
    assert "x: y" in reason_da(QualityError([Problem("x", "y")]))
    assert "010190-1234" not in reason_da(ValueError("010190-1234"))
    try:
        raise ValueError("010190-1234")
    except ValueError as error:
        told = reason_da(StepError(place_of(error)))
    assert "010190-1234" not in told
    assert "ValueError at test_notice.py" in told
