"""Downloads from a server of the test's own: resumed where they broke off, checked, and refused with a sentence."""

import base64
import hashlib
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from catsdogs.errors import InputError
from catsdogs.sources import catalogue, download
from catsdogs.system import transfer

WAY_OUT = "Download it elsewhere, then upload the file on the Data page, or run `python -m catsdogs import FILE`."


def refusal(offer):
    with pytest.raises(InputError) as caught:
        download.fetch(offer)
    message = str(caught.value)
    assert message.startswith(f"{offer.title} can't be downloaded: ") and message.endswith(WAY_OUT), message
    return message


def stop(done, total):
    raise KeyboardInterrupt


def kept(home):
    return sorted(path.name for path in (home / "downloads").iterdir() if not path.name.endswith(".lock"))


def test_a_file_is_downloaded_once(server, offer, content, home):
    seen = []
    path = download.fetch(offer, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == content and kept(home) == ["full.zip"] and seen[-1] == (len(content), len(content))
    assert download.fetch(offer) == path and server.asked == [None]
    download.forget(offer)
    assert kept(home) == []


def test_nothing_stays_of_a_stopped_download_that_is_forgotten(server, offer, home):
    server.headers = {"ETag": '"first"'}
    with pytest.raises(KeyboardInterrupt):
        download.fetch(offer, stop)
    download.forget(offer)
    assert kept(home) == []


def test_cut_off_three_times_it_arrives_whole(server, offer, content):
    server.breaks = [300_000, 200_000, 100_000]
    assert download.fetch(offer).read_bytes() == content
    starts = [0 if wanted is None else int(wanted[6:-1]) for wanted in server.asked]
    assert len(starts) == 4 and starts[0] == 0
    assert all(0 <= sum((300_000, 200_000, 100_000)[:breaks]) - start < breaks * 2**14 for breaks, start in enumerate(starts) if breaks)


def test_a_server_without_ranges_sends_it_all_again(server, offer, content):
    server.knows_ranges, server.breaks = False, [300_000, 500_000]
    assert download.fetch(offer).read_bytes() == content
    assert len(server.asked) == 3 and None not in server.asked[1:]


def test_a_stopped_download_goes_on_where_it_was(server, offer, content, home):
    with pytest.raises(KeyboardInterrupt):
        download.fetch(offer, stop)
    assert kept(home) == [".full.partial", ".full.partial.version"]
    have = (home / "downloads" / ".full.partial").stat().st_size
    assert 0 < have < len(content) and download.fetch(offer).read_bytes() == content
    assert server.asked == [None, f"bytes={have}-"]


FETCH = """
import sys
from catsdogs.sources import catalogue, download
from dataclasses import replace
download.fetch(replace(catalogue.FULL, url=sys.argv[1], size=int(sys.argv[2]), sha256=None), lambda done, total: print(done, flush=True))
"""


def test_a_killed_download_goes_on_where_it_was(server, offer, content, home):
    server.sends_half_first = True
    server.silence.clear()
    words = [sys.executable, "-c", FETCH, server.url, str(len(content))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert int(process.stdout.readline()) >= 2**16
        process.send_signal(signal.SIGKILL)
    server.silence.set()
    have = (home / "downloads/.full.partial").stat().st_size
    server.asked.clear()
    assert download.fetch(offer).read_bytes() == content and server.asked == [f"bytes={have}-"] and have >= 2**16


def test_what_was_left_by_a_larger_file_is_thrown_away(server, offer, content, home):
    (home / "downloads").mkdir()
    (home / "downloads/.full.partial").write_bytes(bytes(len(content) + 1))
    assert download.fetch(offer).read_bytes() == content


def test_a_wrong_hash_is_refused(server, offer, home):
    message = refusal(replace(offer, sha256="0" * 64))
    assert (
        f"the server sends a file with the sha256 hash {offer.sha256[:12]}..., expected 000000000000..., so it is another file" in message
    )
    assert kept(home) == []


@pytest.mark.parametrize("is_right", [True, False])
def test_without_a_published_hash_that_of_the_server_is_compared(is_right, server, offer, content, home):
    digest = hashlib.md5(content if is_right else b"another").digest()
    server.headers = {"x-goog-hash": f"crc32c=AAAAAA==, md5={base64.b64encode(digest).decode()}"}
    offer = replace(offer, sha256=None)
    if is_right:
        assert download.fetch(offer).read_bytes() == content
    else:
        assert "a file with the md5 hash " in refusal(offer) and kept(home) == []


@pytest.mark.parametrize("is_right", [True, False])
def test_a_download_that_was_stopped_at_its_last_byte_is_checked_as_well(is_right, server, offer, content, home):
    server.headers = {"x-goog-hash": f"md5={base64.b64encode(hashlib.md5(content).digest()).decode()}", "ETag": '"first"'}
    offer = replace(offer, sha256=None)

    def stop_at_the_end(done, total):
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.fetch(offer, stop_at_the_end)
    partial = home / "downloads" / ".full.partial"
    assert partial.stat().st_size == len(content)
    if is_right:
        assert download.fetch(offer).read_bytes() == content and server.asked == [None, f"bytes={len(content) - 1}-"]
    else:
        partial.write_bytes(b"x" + content[1:])
        assert "a file with the md5 hash " in refusal(offer) and kept(home) == []


def test_a_whole_file_whose_hash_was_published_is_not_asked_for_again(server, offer, content, home):
    (home / "downloads").mkdir()
    (home / "downloads" / ".full.partial").write_bytes(content)
    assert download.fetch(offer).read_bytes() == content and server.asked == []


@pytest.mark.parametrize(("promised", "said"), [(7, "7 bytes instead of "), (10**9, "1,000,000,000 bytes instead of ")])
def test_another_length_is_refused_before_it_is_downloaded(promised, said, server, offer, home):
    server.promised = promised
    assert said in refusal(offer) and kept(home) == []


def test_more_than_was_expected_is_refused(server, offer):
    server.promised = "nothing"
    offer = replace(offer, size=offer.size - 100)
    assert f"the server sends more than {offer.size:,} bytes, so it is another file." in refusal(offer)


def test_less_than_was_promised_is_given_up_after_some_attempts(server, offer, content):
    server.content, server.promised = content[:500_000], None
    offer = replace(offer, size=len(content))
    assert "instead of" in refusal(offer)
    server.promised = "nothing"
    assert "the connection ended early." in refusal(offer)


def test_a_server_that_sends_none_of_what_it_promised_is_given_up(server, offer):
    server.breaks = [0] * 5
    assert "the connection ended early." in refusal(offer)


@pytest.mark.parametrize("status", [404, 403, 401, 410])
def test_a_server_that_refuses_is_asked_once(status, server, offer):
    server.status = status
    assert f"the server answers {status} " in refusal(offer) and len(server.asked) == 1


def test_a_server_in_trouble_is_asked_again(server, offer):
    server.status = 503
    assert "the server answers 503 " in refusal(offer) and len(server.asked) == 5


def test_a_web_page_in_its_place_is_no_beginning_of_it(server, offer, home):
    server.headers = {"Content-Type": "text/html; charset=utf-8"}
    assert "a web page came instead, maybe to sign in" in refusal(offer) and kept(home) == []


def test_a_moved_file_is_followed(server, offer, content):
    offer = replace(offer, url=server.url.replace("/file.zip", "/moved"))
    assert download.fetch(offer).read_bytes() == content


def test_a_silent_server_is_given_up(server, offer, monkeypatch):
    monkeypatch.setattr(transfer, "_SILENCE", 0.1)
    server.silence.clear()
    assert "the connection to the server failed (timed out)" in refusal(offer)


def test_without_a_network_it_says_so_at_once(server, offer):
    server.shutdown()
    server.server_close()
    assert "the connection to the server failed (Connection refused)" in refusal(offer)


def test_what_is_offered_is_what_the_servers_have():
    assert {offer.name: offer.size for offer in catalogue.OFFERS} == {"starter": 68_606_236, "full": 824_887_076}
    with pytest.raises(InputError, match="There is no data set 'huge' to download; choose starter or full"):
        catalogue.find("huge")
