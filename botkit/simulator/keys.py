"""Throw-away keys: an application's key pair."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)


def new_private_key() -> rsa.RSAPrivateKey:
    """A key of 2,048 bits."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """The key as the Vonage dashboard gives it: PKCS#8 in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_public_key(path: str | Path) -> rsa.RSAPublicKey:
    """Read an application's public key from a PEM file; raises ValueError, naming the file, for what is none."""
    try:
        key = load_pem_public_key(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"{path} holds no public key in PEM; it begins with -----BEGIN PUBLIC KEY-----.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError(f"{path} holds no RSA key; the tokens of the Messages API are signed with RS256.")
    return key


def private_file(folder: Path, name: str, text: str) -> Path:
    """Write *text* into a new file of *folder* that nobody else can read; returns its path."""
    path = folder / name
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
    return path
