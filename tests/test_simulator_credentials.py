"""Who may send through the simulator."""

import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from botkit.simulator import keys
from botkit.simulator.credentials import Doorkeeper
from botkit.simulator.problems import Problem

KEY = keys.new_private_key()
STRANGER = keys.new_private_key()
APPLICATION = "5f0c6d2a-7b1e-4c57-9d43-2f5a8e9b1c70"
NOW = 1_800_000_000
CLAIMS = {"application_id": APPLICATION, "iat": NOW, "exp": NOW + 600, "jti": "first"}


def doorkeeper() -> Doorkeeper:
    """Of one application and one account."""
    return Doorkeeper(public_key=KEY.public_key(), application_id=APPLICATION, api_key="4e7d", api_secret="rye:bread")


def token(key: object = KEY, algorithm: str = "RS256", without: str = "", **claims: object) -> str:
    """A token that is good but for what is asked for."""
    content = {name: value for name, value in {**CLAIMS, **claims}.items() if name != without}
    return jwt.encode(content, key, algorithm=algorithm)  # type: ignore[arg-type]  # odd keys on purpose


def basic(credentials: str) -> str:
    """The header of *credentials*."""
    return f"Basic {b64encode(credentials.encode()).decode()}"


def signed_with_the_public_key() -> str:
    """The old trick: HS256, with the public key as the secret."""
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, CLAIMS)]
    signed = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = urlsafe_b64encode(hmac.new(pem, signed, hashlib.sha256).digest()).rstrip(b"=")
    return f"{signed.decode()}.{signature.decode()}"


def refused(authorizations: list[str], now: float = NOW, by: Doorkeeper | None = None) -> tuple[int, str]:
    """The status and the kind of the refusal."""
    with pytest.raises(Problem) as caught:
        (by or doorkeeper()).check(authorizations, now)
    return caught.value.status, caught.value.documented.type.rpartition("#")[2]


@pytest.mark.parametrize(
    ("authorization", "how"),
    [
        (f"Bearer {token()}", "jwt"),
        (f"bearer  {token()} ", "jwt"),
        (f"Bearer {token(without='exp')}", "jwt"),
        (f"Bearer {token(exp=NOW + 86_400)}", "jwt"),
        (f"Bearer {token(exp=NOW + 30)}", "jwt"),
        (f"Bearer {token(iat=NOW + 60, exp=NOW + 600.5)}", "jwt"),
        (f"Bearer {token(nbf=NOW, sub='anna', aud='anybody', acl={'paths': {}})}", "jwt"),
        (basic("4e7d:rye:bread"), "basic"),
    ],
)
def test_good_credentials_are_taken(authorization: str, how: str) -> None:
    """A token of the application and the account's key and secret both open the door."""
    assert doorkeeper().check([authorization], NOW) == how


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {token(STRANGER)}",
        f"Bearer {signed_with_the_public_key()}",
        f"Bearer {token('', algorithm='none')}",
        f"Bearer {token(algorithm='RS512')}",
        f"Bearer {token(algorithm='PS256')}",
        f"Bearer {token()[:-3]}",
        f"Bearer {token(without='iat')}",
        f"Bearer {token(without='jti')}",
        f"Bearer {token(without='application_id')}",
        f"Bearer {token(application_id='another')}",
        f"Bearer {token(application_id=[APPLICATION])}",
        f"Bearer {token(iat=str(NOW))}",
        f"Bearer {token(iat=True)}",
        f"Bearer {token(iat=NOW + 61)}",
        f"Bearer {token(exp=str(NOW + 600))}",
        f"Bearer {token(iat=NOW - 600, exp=NOW)}",
        f"Bearer {token(exp=NOW + 86_401)}",
        f"Bearer {token(exp=NOW + 29)}",
        f"Bearer {token(iat=NOW - 901, without='exp')}",
        f"Bearer {token(nbf=NOW + 61)}",
        f"Bearer {token(nbf='now')}",
        f"Bearer {token(nbf=True)}",
        f"Bearer {token(jti='')}",
        f"Bearer {token(jti=7)}",
        "Bearer",
        "Bearer rubbish",
        f"Token {token()}",
        token(),
        basic("4e7d:rye"),
        basic("4e7d"),
        basic(""),
        "Basic 4e7d:rye:bread",
        "Basic ====",
        "Basic /w==",
        "",
    ],
)
def test_bad_credentials_are_refused(authorization: str) -> None:
    """Whatever is not exactly right is answered 401, as the API writes it."""
    assert refused([authorization]) == (401, "unathorized")


def test_no_credentials_are_refused() -> None:
    """Who does not say who he is is answered 401."""
    assert refused([]) == (401, "unathorized")


def test_a_token_and_a_secret_at_once_are_refused() -> None:
    """A request is authorised one way, not two."""
    assert refused([f"Bearer {token()}", basic("4e7d:rye:bread")]) == (401, "multiple-auth-methods")


def test_a_token_may_be_used_until_it_expires() -> None:
    """A sender may keep its token for its next requests, and must renew it in time."""
    door = doorkeeper()
    good = f"Bearer {token()}"

    assert [door.check([good], NOW), door.check([good], NOW + 599)] == ["jwt", "jwt"]
    assert refused([good], NOW + 600, door) == (401, "unathorized")


def test_two_tokens_have_two_ids() -> None:
    """Another token with an id that is in use is refused; once the first has expired the id is free."""
    door = doorkeeper()
    door.check([f"Bearer {token()}"], NOW)
    later = f"Bearer {token(iat=NOW + 601, exp=NOW + 1200)}"

    assert refused([f"Bearer {token(sub='other')}"], NOW, door) == (401, "unathorized")
    assert door.check([later], NOW + 601) == "jwt"


def test_expired_tokens_are_forgotten() -> None:
    """A sender that makes a token for each request does not fill the memory."""
    door = doorkeeper()
    door._forget_at = 3
    for number in range(3):
        door.check([f"Bearer {token(jti=f'old-{number}')}"], NOW)
    door.check([f"Bearer {token(jti='new', iat=NOW + 601, exp=NOW + 1200)}"], NOW + 601)

    assert (len(door._tokens), list(door._ids)) == (1, ["new"])


def test_without_a_key_no_token_is_good() -> None:
    """As in development, where nobody waits for a key to be made: the account's key and secret are."""
    keyless = Doorkeeper(public_key=None, application_id=APPLICATION, api_key="4e7d", api_secret="rye:bread")

    assert refused([f"Bearer {token()}"], by=keyless) == (401, "unathorized")
    assert keyless.check([basic("4e7d:rye:bread")], NOW) == "basic"
