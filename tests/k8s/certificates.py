"""Certificates for a test's API server and its clients, made by the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def authority(folder: Path) -> Path:
    """An authority's certificate; its key lies beside it."""
    folder.mkdir(exist_ok=True)
    _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
        "-subj", "/CN=authority", "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt"),
    )  # fmt: skip
    return folder / "ca.crt"


def issue(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, signed by the authority in `folder`."""
    key, request, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
    _openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
        "-keyout", str(key), "-out", str(request),
    )  # fmt: skip
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    _openssl(
        "x509", "-req", "-in", str(request), "-days", "1", "-CA", str(folder / "ca.crt"), "-CAkey",
        str(folder / "ca.key"), "-CAcreateserial", "-extfile", str(extensions), "-out", str(certificate),
    )  # fmt: skip
    return certificate, key


def server_context(folder: Path) -> ssl.SSLContext:
    """What a server of that authority speaks; it asks clients for a certificate, and takes those without."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.crt"))
    context.load_cert_chain(*issue(folder, "server"))
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=20)
