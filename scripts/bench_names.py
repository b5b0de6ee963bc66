"""The part of scripts/bench that measures names: how soon a change is answered, how many changes a second, and what the
name server answers beside one that nobody configured."""
import os
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

CHANGES = int(os.environ.get("CAIPORT_BENCH_CHANGES", "300"))
BATCHES, BATCH = 10, 1000


def free_port():
    """Of UDP and TCP, on loopback."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Resolver:
    """Asks one name server on loopback for TXT and A records, and looks into its answers no closer than it must."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        # Whoever polls asks again soon: a datagram may be lost on a busy host.
        self.socket.settimeout(0.1)
        self.number = 0

    def ask(self, name, kind):
        self.number = (self.number + 1) % 65536
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
        self.socket.send(struct.pack(">HHHHHH", self.number, 0, 1, 0, 0, 0) + labels + struct.pack(">HH", kind, 1))
        while True:
            try:
                answer = self.socket.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                return b""
            if struct.unpack(">H", answer[:2])[0] == self.number:
                return answer[12 + len(labels) + 4:]

    def wait_for(self, name, kind, data, limit=60):
        deadline = time.monotonic() + limit
        while data not in self.ask(name, kind):
            if time.monotonic() > deadline:
                sys.exit(f"bench: {name} is not answered after {limit} s")


def register(daemon, name):
    domain = daemon.call("POST", "/v1/domains", {"domain": name})["data"]["id"]
    deadline = time.monotonic() + 120
    while daemon.call("GET", "/v1/domains/" + domain)["data"]["status"] != "active":
        if time.monotonic() > deadline:
            sys.exit(f"bench: {name} does not become active")
        time.sleep(0.05)
    return f"/v1/domains/{domain}/dns"


def target(name, value, unit, bound, is_met):
    print(f"  {name:<52} {value:>9.0f} {unit:<10} target {bound}  {'ok' if is_met else 'MISSED'}")
    return is_met


def change_to_answer(daemon, resolver):
    """Milliseconds from the acknowledgement of a change to the first answer that has it."""
    path = register(daemon, "quick.com")
    # A zone as customers have them.
    daemon.call("PUT", path, {"records": [{"name": f"h{n}", "type": "A", "value": f"192.0.2.{n}"} for n in range(100)]})
    delays = []
    for number in range(CHANGES):
        word = f"change-{number}-"
        daemon.call("POST", path, {"name": "now", "type": "TXT", "value": word})
        acknowledged = time.monotonic()
        resolver.wait_for("now.quick.com", 16, word.encode())
        delays.append((time.monotonic() - acknowledged) * 1000)
    delays.sort()
    return statistics.median(delays), delays[max(0, -(-len(delays) * 99 // 100) - 1)]


def batches(daemon, resolver):
    """Records a second, from the first request of ten to the last answer."""
    paths = [register(daemon, f"batch{batch}.com") for batch in range(BATCHES)]
    began = time.monotonic()
    for batch, path in enumerate(paths):
        daemon.call("PUT", path, {"records": [
            {"name": f"h{n}", "type": "A", "value": f"10.{batch}.{n // 250}.{n % 250}"} for n in range(BATCH)]})
    for batch in range(BATCHES):
        n = BATCH - 1
        resolver.wait_for(f"h{n}.batch{batch}.com", 1, bytes([10, batch, n // 250, n % 250]))
    return BATCHES * BATCH / (time.monotonic() - began)


def queries_per_second(port, questions, seconds):
    out = subprocess.run(
        ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", questions, "-l", str(seconds), "-c", "8", "-q", "200"],
        check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    lost = float(re.search(r"Queries lost:\s+\d+ \(([0-9.]+)%\)", out).group(1))
    if "NOERROR" not in out or lost > 1:
        sys.exit("bench: questions were not answered:\n" + out)
    return float(re.search(r"Queries per second:\s+([0-9.]+)", out).group(1))


class PlainPowerDNS:
    """PowerDNS with its own defaults, over a copy of what the daemon's holds."""

    def __init__(self, database):
        self.folder = tempfile.mkdtemp(prefix="caiport-bench-pdns.")
        subprocess.run(["sqlite3", database, f".backup {self.folder}/pdns.sqlite3"], check=True)
        self.port = free_port()
        with open(os.path.join(self.folder, "pdns.conf"), "w") as file:
            file.write(f"launch=gsqlite3\ngsqlite3-database={self.folder}/pdns.sqlite3\ngsqlite3-dnssec=yes\n"
                       f"local-address=127.0.0.1:{self.port}\nsocket-dir={self.folder}\ndaemon=no\nguardian=no\n"
                       "write-pid=no\nsecurity-poll-suffix=\nloglevel=3\n")
        self.process = subprocess.Popen(["pdns_server", "--config-dir=" + self.folder],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def beside_plain(daemon, port, rounds=3, seconds=5):
    """Queries per second of ours and of a plain one, in turns."""
    questions = os.path.join(daemon.data, "questions")
    with open(questions, "w") as file:
        for n in range(BATCH):
            file.write(f"h{n}.batch{n % BATCHES}.com A\n")
    plain = PlainPowerDNS(os.path.join(daemon.data, "dns", "pdns.sqlite3"))
    try:
        Resolver(plain.port).wait_for("h1.batch1.com", 1, bytes([10, 1, 0, 1]))
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(queries_per_second(port, questions, seconds))
            theirs.append(queries_per_second(plain.port, questions, seconds))
        return statistics.median(ours), statistics.median(theirs)
    finally:
        plain.stop()


def bench_names(start):
    """start makes a daemon with these flags."""
    port = free_port()
    daemon = start("--compute", "simulated", "--dns", "powerdns", "--dns-listen", f"127.0.0.1:{port}")
    try:
        daemon.account()
        resolver = Resolver(port)
        print("Names, the daemon's own PowerDNS on SQLite")
        middle, late = change_to_answer(daemon, resolver)
        speed = batches(daemon, resolver)
        ours, theirs = beside_plain(daemon, port)
        ratio = ours / theirs
        met = [
            target(f"acknowledged to answered, p99 (p50 {middle:.0f} ms)", late, "ms", "at most 250", late <= 250),
            target(f"changes, {BATCHES} batches of {BATCH}, answered", speed, "records/s", "at least 5000", speed >= 5000),
        ]
        print(f"  {'questions, beside a plain PowerDNS':<52} {ours:>9.0f}/s   {ratio:5.2f}   target  0.95  "
              f"{'ok' if ratio >= 0.95 else 'BELOW'}")
        return all(met) and ratio >= 0.95
    finally:
        daemon.stop()
