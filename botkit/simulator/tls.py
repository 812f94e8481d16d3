"""A throw-away authority for TLS on this machine. Only who serves https loads it: x509 takes long to import."""

import datetime as dt
import ipaddress
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from botkit.simulator.keys import new_private_key, private_file, private_pem


def tls_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A context for serving localhost, and the file of the authority that a client must trust for it."""
    now = dt.datetime.now(dt.UTC)
    authority_key = new_private_key()
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "botkit simulator")])
    authority = _certificate(authority_name, authority_name, authority_key, authority_key, now, authority=True)
    key = new_private_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = _certificate(name, authority_name, key, authority_key, now, authority=False)
    authority_file = folder / "authority.pem"
    authority_file.write_bytes(authority.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # OpenSSL reads a key from a file only; it is gone again before anything is served.
    with tempfile.TemporaryDirectory(prefix="botkit-simulator-") as secret:
        chain = private_pem(key) + certificate.public_bytes(Encoding.PEM).decode()
        context.load_cert_chain(private_file(Path(secret), "chain.pem", chain))
    return context, authority_file


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    signing_key: rsa.RSAPrivateKey,
    now: dt.datetime,
    *,
    authority: bool,
) -> x509.Certificate:
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .add_extension(_usage(authority=authority), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signing_key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_encipherment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
