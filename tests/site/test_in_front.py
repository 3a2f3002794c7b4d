"""The servers in front, with the configuration that `throughway deployment` writes: only ports and certificates are this test's.

Each server is started as itself where this machine has it; elsewhere its test is skipped.
"""

import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from throughway.cli.deployment import filled

NAME = "share.ourtown.example"
MB = 1024 * 1024
# Where Debian puts it, and where `make servers` unpacks it.
UNPACKED = Path(__file__).parents[2] / ".venv" / "servers" / "usr"
PLACES = os.pathsep.join(["/usr/sbin", str(UNPACKED / "sbin"), str(UNPACKED / "bin")])


class Behind(http.server.BaseHTTPRequestHandler):
    """Stands for the site: answers with the headers that came, and counts who is being answered."""

    at_once: list[int] = []

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        said = (f"{name}: {value}\n" for name, value in self.headers.items())
        self.wfile.write("".join(said).encode())

    def do_POST(self) -> None:
        self.at_once.append(1)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def behind() -> Iterator[int]:
    Behind.at_once = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Behind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def certificate(folder: Path, site: str = NAME) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, site)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(site)]), critical=False)
    pem, secret = folder / "site.pem", folder / "site.key"
    pem.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, secret


def shipped_as(name: str, behind: int) -> str:
    return filled({"host": NAME, "port": str(behind)})[name]


def nginx(program: str, folder: Path, port: int, behind: int) -> list[str]:
    pem, secret = certificate(folder)
    text = shipped_as("nginx.conf", behind)
    for shipped, own in (
        ("listen 80;", f"listen 127.0.0.1:{free()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (f"/etc/ssl/{NAME}.pem", str(pem)),
        (f"/etc/ssl/{NAME}.key", str(secret)),
    ):
        assert text.count(shipped) == 1
        text = text.replace(shipped, own)
    (folder / "site.conf").write_text(text)
    kept = "".join(
        f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; pid {folder}/pid; error_log stderr; events {{}} "
        f"http {{ access_log off; {kept} include {folder}/site.conf; }}"
    )
    return [program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(program: str, folder: Path, port: int, behind: int) -> list[str]:
    return run_caddy(program, shipped_as("Caddyfile", behind), folder, port)


def run_caddy(program: str, text: str, folder: Path, port: int) -> list[str]:
    """Its command, with a configuration as shipped but for the port, the certificate and the loopback."""
    pem, secret = certificate(folder)
    for shipped, own in (
        ("{\n\tservers", "{\n\tadmin off\n\tauto_https off\n\tservers"),
        (f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {pem} {secret}"),
    ):
        assert text.count(shipped) == 1
        text = text.replace(shipped, own)
    (folder / "Caddyfile").write_text(text)
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, tmp_path: Path, behind: int) -> Iterator[int]:
    """The port of the server in front."""
    name = request.param.__name__
    program = shutil.which(name) or shutil.which(name, path=PLACES)
    if not program:
        pytest.skip(f"this machine has no {name}")
    port = free()
    command = request.param(program, tmp_path, port, behind)
    own = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    with subprocess.Popen(command, cwd=tmp_path, env=own, stderr=subprocess.PIPE, text=True) as server:
        until = time.monotonic() + 20
        while server.poll() is None and time.monotonic() < until:
            with closing(socket.socket()) as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        try:
            assert server.poll() is None, server.stderr.read() if server.stderr else ""
            yield port
        finally:
            server.terminate()


class Asking(HTTPSConnection):
    """A connection to the server in front, whatever it is called."""

    def __init__(self, port: int) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        super().__init__(NAME, port, timeout=90, context=trusting)
        self._trusting = trusting

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=90)
        self.sock = self._trusting.wrap_socket(plain, server_hostname=NAME)


def test_it_tells_the_site_who_asks_and_how(front: int) -> None:
    with closing(Asking(front)) as asking:
        asking.request("GET", "/", headers={"Host": NAME, "X-Forwarded-For": "203.0.113.9"})
        said = asking.getresponse().read().decode()
    assert f"Host: {NAME}" in said
    assert "X-Forwarded-Proto: https" in said
    assert "203.0.113.9" not in said  # nobody says of themselves who they are
    assert "X-Forwarded-For: 127.0.0.1" in said


def test_a_file_of_200_mb_may_pass_and_more_may_not(front: int) -> None:
    with closing(Asking(front)) as asking:
        asking.request("POST", "/", headers={"Host": NAME, "Content-Length": str(300 * MB)})
        assert asking.getresponse().status == 413
    with closing(Asking(front)) as asking:
        whole = {"Content-Length": str(200 * MB + 2_000), "Expect": "100-continue"}  # a file and its frame
        asking.request("POST", "/", headers={"Host": NAME, **whole})
        assert asking.sock is not None
        assert asking.sock.recv(12) == b"HTTP/1.1 100"
    with closing(Asking(front)) as asking:
        asking.request("POST", "/", b"a" * (3 * MB), headers={"Host": NAME})
        assert asking.getresponse().status == 200


def test_slow_requests_do_not_reach_the_site(front: int) -> None:
    with ExitStack() as stack:
        for _ in range(12):
            slow = stack.enter_context(closing(Asking(front)))
            slow.putrequest("POST", "/")
            slow.putheader("Content-Length", "1000")
            slow.endheaders(b"a")
        with closing(Asking(front)) as asking:
            asking.request("GET", "/", headers={"Host": NAME})
            assert asking.getresponse().status == 200
        time.sleep(0.5)
        assert Behind.at_once == []
