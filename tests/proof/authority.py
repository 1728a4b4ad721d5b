"""A time-stamping authority for tests: the program `openssl ts` behind an address on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class TestAuthority:
    """An authority with a root of its own; `before` and `after` may be set to what answers wrongly.

    With a `chain` an office between issued its certificate, and it sends the certificates of the
    root (0) and that office (1) with each token, in this order.
    """

    __test__ = False

    def __init__(
        self,
        folder: Path,
        *,
        expired: bool = False,
        digests: str = "sha256, sha512",
        chain: Sequence[int] = (),
    ) -> None:
        folder.mkdir()
        self.folder = folder
        self.url = ""
        self.status = 200
        self.asked = 0
        self.before: Callable[[bytes], bytes] = lambda query: query
        self.after: Callable[[bytes], bytes] = lambda reply: reply
        root_key, key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        now = datetime.now(UTC)
        root = certificate(f"root of {folder.name}", root_key, now + DAY)
        until = now - DAY / 2 if expired else now + DAY
        configuration = CONFIGURATION.format(folder=folder, digests=digests)
        issuer, issuer_key = root, root_key
        if chain:
            issuer_key = ec.generate_private_key(ec.SECP256R1())
            office = f"office of {folder.name}"
            issuer = certificate(office, issuer_key, now + DAY, root, root_key, ca=True)
            sent = [(root, issuer)[one].public_bytes(Encoding.PEM) for one in chain]
            (folder / "chain.pem").write_bytes(b"".join(sent))
            configuration += f"certs = {folder}/chain.pem\n"
        (folder / "roots.pem").write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "tsa.pem").write_bytes(
            certificate(folder.name, key, until, issuer, issuer_key).public_bytes(Encoding.PEM)
        )
        (folder / "tsa.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(configuration)

    @property
    def roots(self) -> Path:
        return self.folder / "roots.pem"

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        (self.folder / "query").write_bytes(self.before(query))
        openssl(
            "ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile",
            self.folder / "query", "-out", self.folder / "reply",
        )  # fmt: skip
        return self.after((self.folder / "reply").read_bytes())

    @contextmanager
    def serving(self) -> Iterator[TestAuthority]:
        """Answer at `url` until the block ends."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/timestamp-query"
                body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(authority.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Tell nobody."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/tsa"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    until: datetime,
    issuer: x509.Certificate | None = None,
    issuer_key: ec.EllipticCurvePrivateKey | None = None,
    *,
    ca: bool = False,
) -> x509.Certificate:
    """A root of its own, or what one issues: for an office, or else for time stamps alone."""
    ca = ca or issuer is None
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - 3 * DAY)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256())


def openssl(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
