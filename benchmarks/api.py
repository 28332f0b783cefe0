"""The API under load and under nonsense, on a server of its own.

    python benchmarks/api.py [--seconds N] [--clients N] [--rate N]

Clients send drawn pictures for a minute, each as soon as its last one was answered, but no more than the rate together. Then a
thousand requests that are malformed, each in one of several ways at random: 4xx is what each should get.
"""

import argparse
import collections
import http.client
import random
import statistics
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from catsdogs.drawn import demo
from tests.browsing import serve

MALFORMED = 1000
FORM = "multipart/form-data; boundary=xyz"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--rate", type=float, default=200, help="requests a second")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drawn = demo.create(Path(folder, "drawn"), 40, 1)
        pictures = [path.read_bytes() for path in sorted(drawn.rglob("*.jpg"))]
        with serve(Path(folder, "home")) as address:
            where = urllib.parse.urlsplit(address).netloc
            send(where, pictures[0])
            load(where, pictures, arguments)
            nonsense(where, pictures[0])


def load(where: str, pictures: list[bytes], arguments) -> None:
    statuses, waits, begin = collections.Counter(), [], time.perf_counter()
    turns = iter(range(10**9))
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection(where, timeout=120)
        while True:
            with lock:
                turn = next(turns)
            due = turn / arguments.rate
            if due > arguments.seconds or time.perf_counter() - begin > arguments.seconds:
                return
            time.sleep(max(0, begin + due - time.perf_counter()))
            start = time.perf_counter()
            connection.request("POST", "/api/classify", pictures[turn % len(pictures)])
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
            waits.append(time.perf_counter() - start)

    threads = [threading.Thread(target=client) for _ in range(arguments.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    slow = statistics.quantiles(waits, n=20)[-1]
    print(f"{len(waits):,} pictures in {seconds:.0f} s: {len(waits) / seconds:.0f} a second; statuses {dict(statuses)}")
    print(f"an answer takes {statistics.median(waits) * 1000:.0f} ms, 95% within {slow * 1000:.0f} ms")


def send(where: str, content, method: str = "POST", path: str = "/api/classify", headers: dict | None = None) -> int:
    connection = http.client.HTTPConnection(where, timeout=120)
    connection.request(method, path, content, headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def nonsense(where: str, picture: bytes) -> None:
    chance, statuses = random.Random(0), collections.Counter()
    for _ in range(MALFORMED):
        number = chance.randrange(12)
        some = chance.randbytes(chance.randrange(1, 5000))
        cut = picture[: chance.randrange(len(picture) // 2)]
        word = urllib.parse.quote(chance.randbytes(chance.randrange(1, 30)))
        head = f'--xyz\r\nContent-Disposition: form-data; name="p"; filename="{word}"\r\n\r\n'.encode()
        requests = (
            (some,),
            (cut,),
            (b"",),
            (picture, "POST", f"/api/classify?run={word}"),
            (picture, "POST", f"/api/classify?{word}=1"),
            (picture, "POST", f"/api/classify?mirror={word}"),
            (picture, chance.choice(("PUT", "GET", "DELETE", "PATCH"))),
            (picture, "POST", f"/api/{word}x"),
            (some, "POST", "/api/classify", {"Content-Type": FORM}),
            (head + cut, "POST", "/api/classify", {"Content-Type": FORM}),
            (head + some + b"\r\n--xyz--\r\n", "POST", "/api/classify", {"Content-Type": FORM}),
            (picture, "POST", "/api/classify", {"Content-Type": f"multipart/form-data; boundary={word}; charset={word}"}),
        )
        status = send(where, *requests[number])
        statuses[status] += 1
        if not 400 <= status < 500:
            print(f"{status} for {requests[number][1:]} with {len(requests[number][0])} bytes")
    print(f"{MALFORMED:,} malformed requests: {dict(sorted(statuses.items()))}")


if __name__ == "__main__":
    main()
