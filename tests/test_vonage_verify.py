"""Which webhooks are believed, and what each fault is answered."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import pytest
import vonage_jwt

from botkit.channels.vonage.verify import Verifier
from botkit.errors import BotkitError, ConfigError, Unauthorized, Unverifiable
from botkit.settings import Account
from botkit.simulator.webhooks import Signer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = '{"text":"Grüße"}'.encode()
KEY, OLD_SECRET, SECRET = (
    "b4k3ry01",
    "the secret before the rotation, long enough",
    "the secret after the rotation, also long",
)
SHOP, OTHER_APPLICATION = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
ACCOUNT = Account(api_key=KEY, signature_secrets=(SECRET, OLD_SECRET), applications=(SHOP,))
HEADER: Final = {"alg": "HS256", "typ": "JWT"}
AGE_LIMIT, LEEWAY = timedelta(hours=25), timedelta(seconds=60)


def encoded(value: object) -> str:
    plain = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def claims(**changed: object) -> dict[str, Any]:
    """The claims of a good token, some changed; those set to ... are left out."""
    good = {
        "iat": int(NOW.timestamp()),
        "jti": "5e0a",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(BODY).hexdigest(),
        "api_key": KEY,
        "application_id": SHOP,
    }
    return {name: value for name, value in (good | changed).items() if value is not ...}


def token(
    said: object, header: object = HEADER, *, secret: str = SECRET, digest: str = "sha256", signature: str | None = None
) -> str:
    """A token made by hand, so that it can be wrong in any way."""
    signed = f"{encoded(header)}.{encoded(said)}"
    if signature is None:
        signature = encoded(hmac.digest(secret.encode(), signed.encode(), digest))
    return f"{signed}.{signature}"


def bearer(said: object = None, header: object = HEADER, **how: Any) -> str:
    return f"Bearer {token(claims() if said is None else said, header, **how)}"


def aged(age: timedelta) -> str:
    return bearer(claims(iat=(NOW - age).timestamp()))


def verdict(authorization: str | None, body: bytes = BODY, accounts: tuple[Account, ...] = (ACCOUNT,)) -> str:
    """What becomes of a webhook: its HTTP status and why."""
    try:
        Verifier(accounts).verify(authorization, body, NOW)
    except (Unauthorized, Unverifiable) as refusal:
        return f"{refusal.status} {refusal.reason}"
    return "taken"


def test_a_token_of_vonage_is_taken() -> None:
    """What is signed with the account's secret, now, for this body, is believed."""
    assert verdict(bearer()) == "taken"


GOOD = token(claims())
SIGNED, SIGNATURE = GOOD.rpartition(".")[0], GOOD.rpartition(".")[2]
MALFORMED, CLAIMS, ALGORITHM = "401 malformed_token", "401 bad_claims", "401 wrong_algorithm"
NONE, SIGNED_BY_NOBODY = "503 no_token", "503 bad_signature"


def claim(**changed: object) -> str:
    return bearer(claims(**changed))


def header(**changed: object) -> str:
    said = {name: value for name, value in {**HEADER, **changed}.items() if value is not ...}
    return bearer(header=said)


TABLE: Final[dict[str, tuple[str | None, str]]] = {
    "no header": (None, NONE),
    "an empty header": ("", NONE),
    "a blank header": ("  \t ", NONE),
    "a scheme and no token": ("Bearer", NONE),
    "a scheme and a blank": ("Bearer  ", NONE),
    "Basic": ("Basic YTpi", NONE),
    "a token without a scheme": (GOOD, NONE),
    "a lower-case scheme": (f"bearer {GOOD}", "taken"),
    "an upper-case scheme": (f"BEARER {GOOD}", "taken"),
    "more white space": (f"  Bearer \t {GOOD}  ", "taken"),
    "two tokens": (f"Bearer {GOOD} {GOOD}", MALFORMED),
    "two headers joined": (f"Bearer {GOOD}, Bearer {GOOD}", MALFORMED),
    "a token in quotes": (f'Bearer "{GOOD}"', MALFORMED),
    "one part": ("Bearer abc", MALFORMED),
    "two parts": (f"Bearer {SIGNED}", MALFORMED),
    "four parts": (f"Bearer {GOOD}.{SIGNATURE}", MALFORMED),
    "empty parts": ("Bearer ..", MALFORMED),
    "an empty header part": (f"Bearer .{SIGNED.partition('.')[2]}.{SIGNATURE}", MALFORMED),
    "an empty signature": (f"Bearer {SIGNED}.", MALFORMED),
    "a token that is not ASCII": (f"Bearer {GOOD[:-1]}é", MALFORMED),
    "digits of another script": (f"Bearer {GOOD[:-1]}٣", MALFORMED),
    "a lone surrogate": (f"Bearer {GOOD[:-1]}\udcff", MALFORMED),
    "NUL": (f"Bearer {GOOD}\0", MALFORMED),
    "base64 and not base64url": (f"Bearer {SIGNED}.{'+/' * 21}A", MALFORMED),
    "a space inside": (f"Bearer {GOOD[:20]} {GOOD[20:]}", MALFORMED),
    "padding where it belongs": (f"Bearer {GOOD}=", "taken"),
    "too much padding": (f"Bearer {GOOD}==", MALFORMED),
    "nothing but padding": (f"Bearer {SIGNED}.====", MALFORMED),
    "a length that base64 cannot have": (f"Bearer {GOOD}AA", MALFORMED),
    "bits after the end": (bearer(signature="A" * 42 + "B"), MALFORMED),
    "a huge token": (claim(odd="x" * 8_000), MALFORMED),
    "a large token": (claim(odd="x" * 5_000), "taken"),
    "a header that is no JSON": (bearer(header=b"{"), MALFORMED),
    "a header that is no object": (bearer(header=["HS256"]), MALFORMED),
    "a header that is too deep": (bearer(header=b"[" * 2_000), MALFORMED),
    "claims that are no JSON": (bearer(b"iat"), MALFORMED),
    "claims that are no object": (bearer([claims()]), MALFORMED),
    "claims that are no text": (bearer(b"\xff\xff\xff"), MALFORMED),
    "claims that are too deep": (bearer(b'{"a":' * 900), MALFORMED),
    "no algorithm": (header(alg=...), ALGORITHM),
    "algorithm none": (header(alg="none"), ALGORITHM),
    "algorithm none, unsigned": (f"Bearer {encoded({'alg': 'none'})}.{encoded(claims())}.", ALGORITHM),
    "algorithm NONE": (header(alg="NoNe"), ALGORITHM),
    "algorithm in lower case": (header(alg="hs256"), ALGORITHM),
    "algorithm null": (header(alg=None), ALGORITHM),
    "a list of algorithms": (header(alg=["HS256"]), ALGORITHM),
    "HS512": (bearer(header={"alg": "HS512"}, digest="sha512"), ALGORITHM),
    "HS512 that says HS256": (bearer(digest="sha512"), SIGNED_BY_NOBODY),
    "HS384": (bearer(header={"alg": "HS384"}, digest="sha384"), ALGORITHM),
    "RS256": (header(alg="RS256"), ALGORITHM),
    "no type": (header(typ=...), "taken"),
    "another type": (header(typ="at+jwt"), "taken"),
    "a key id": (header(kid="1"), "taken"),
    "a key id that is a path": (header(kid="../../dev/null"), "taken"),
    "a key id that is no text": (header(kid=["1"]), MALFORMED),
    "a key of its own": (header(jwk={"kty": "oct", "k": encoded(b"mine")}), "taken"),
    "a critical extension": (header(crit=["exp"]), MALFORMED),
    "an unencoded payload": (header(b64=False), MALFORMED),
    "an unencoded payload, critical": (header(b64=False, crit=["b64"]), MALFORMED),
    "the secret of the account before": (bearer(secret=OLD_SECRET), "taken"),
    "another secret": (bearer(secret="nobody's secret, as long as the others"), SIGNED_BY_NOBODY),
    "the empty secret": (bearer(secret=""), SIGNED_BY_NOBODY),
    "a changed claim": (f"Bearer {encoded(HEADER)}.{encoded(claims(jti='6'))}.{SIGNATURE}", SIGNED_BY_NOBODY),
    "a changed header": (
        f"Bearer {encoded({'alg': 'HS256'})}.{SIGNED.partition('.')[2]}.{SIGNATURE}",
        SIGNED_BY_NOBODY,
    ),
    "half a signature": (bearer(signature=SIGNATURE[:20]), SIGNED_BY_NOBODY),
    "a signature in hex": (bearer(signature="ab" * 32), SIGNED_BY_NOBODY),
    "no api_key": (claim(api_key=...), CLAIMS),
    "api_key null": (claim(api_key=None), CLAIMS),
    "api_key a number": (claim(api_key=12345678), CLAIMS),
    "api_key a list": (claim(api_key=[KEY]), CLAIMS),
    "another api_key": (claim(api_key="somebody"), "503 unknown_api_key"),
    "the empty api_key": (claim(api_key=""), "503 unknown_api_key"),
    "another api_key, badly signed": (bearer(claims(api_key="x"), secret="x"), "503 unknown_api_key"),
    "no iat": (claim(iat=...), CLAIMS),
    "iat null": (claim(iat=None), CLAIMS),
    "iat as text": (claim(iat=str(int(NOW.timestamp()))), CLAIMS),
    "iat true": (claim(iat=True), CLAIMS),
    "iat a list": (claim(iat=[1]), CLAIMS),
    "iat NaN": (claim(iat=float("nan")), CLAIMS),
    "iat infinite": (claim(iat=float("inf")), CLAIMS),
    "iat greater than any float": (bearer(json.dumps(claims(iat=7)).replace("7", "1e999", 1).encode()), CLAIMS),
    "iat with a fraction": (claim(iat=NOW.timestamp() - 0.5), "taken"),
    "iat zero": (claim(iat=0), "401 too_old"),
    "iat negative": (claim(iat=-1), "401 too_old"),
    "iat in milliseconds": (claim(iat=int(NOW.timestamp() * 1000)), "401 from_the_future"),
    "iat of 400 digits": (claim(iat=10**400), "401 from_the_future"),
    "iat of minus 400 digits": (claim(iat=-(10**400)), "401 too_old"),
    "25 hours old": (aged(AGE_LIMIT), "taken"),
    "25 hours and a second old": (aged(AGE_LIMIT + timedelta(seconds=1)), "401 too_old"),
    "a minute ahead": (aged(-LEEWAY), "taken"),
    "a minute and a second ahead": (aged(-LEEWAY - timedelta(seconds=1)), "401 from_the_future"),
    "too old and badly signed": (bearer(claims(iat=0), secret="x"), SIGNED_BY_NOBODY),
    "expired": (claim(exp=int(NOW.timestamp()) - 60), "401 too_old"),
    "not yet expired": (claim(exp=int(NOW.timestamp()) - 59), "taken"),
    "exp as text": (claim(exp="1"), CLAIMS),
    "not valid before an hour": (claim(nbf=NOW.timestamp() + 3600), "401 from_the_future"),
    "valid since now": (claim(nbf=NOW.timestamp()), "taken"),
    "nbf null": (claim(nbf=None), CLAIMS),
    "no payload_hash": (claim(payload_hash=...), CLAIMS),
    "payload_hash null": (claim(payload_hash=None), CLAIMS),
    "payload_hash a number": (claim(payload_hash=0), CLAIMS),
    "payload_hash empty": (claim(payload_hash=""), "401 wrong_hash"),
    "payload_hash in upper case": (claim(payload_hash=hashlib.sha256(BODY).hexdigest().upper()), "taken"),
    "payload_hash in base64": (claim(payload_hash=encoded(hashlib.sha256(BODY).digest())), "401 wrong_hash"),
    "payload_hash of another body": (claim(payload_hash=hashlib.sha256(b"{}").hexdigest()), "401 wrong_hash"),
    "payload_hash that is not ASCII": (claim(payload_hash="\ud800é"), "401 wrong_hash"),
    "payload_hash that begins well": (claim(payload_hash=hashlib.sha256(BODY).hexdigest()[:32]), "401 wrong_hash"),
    "no application": (claim(application_id=...), "taken"),
    "application null": (claim(application_id=None), "taken"),
    "another application": (claim(application_id=OTHER_APPLICATION), "401 other_application"),
    "an application that is no text": (claim(application_id=[SHOP]), "401 other_application"),
    "the empty application": (claim(application_id=""), "401 other_application"),
    "no issuer": (claim(iss=..., jti=...), "taken"),
    "an audience": (claim(aud="somebody", sub=5), "taken"),
}


@pytest.mark.parametrize("name", TABLE)
def test_every_odd_token_has_its_answer(name: str) -> None:
    """What can never become right is 401; what an operator or a retry can cure is 503."""
    authorization, expected = TABLE[name]

    assert verdict(authorization) == expected


def test_the_table_is_long_enough() -> None:
    """At least forty forged or odd tokens are refused."""
    assert sum(expected != "taken" for _, expected in TABLE.values()) >= 40


@pytest.mark.parametrize("changed", [b"", BODY[:-1], BODY + b" ", BODY.replace(b"G", b"g"), b"\xff" * 300_000])
def test_a_token_is_good_for_one_body_only(changed: bytes) -> None:
    """Somebody who has seen a token can sign nothing else with it."""
    assert verdict(bearer(), changed) == "401 wrong_hash"


def test_the_empty_body_can_be_signed() -> None:
    """It is refused for what it is by the reader, and not here."""
    assert verdict(claim(payload_hash=hashlib.sha256(b"").hexdigest()), b"") == "taken"


BAKERY = Account(api_key="bakery", signature_secrets=("of the bakery",), applications=(SHOP,))
CAFE = Account(api_key="cafe", signature_secrets=("of the cafe",))


@pytest.mark.parametrize(
    ("api_key", "secret", "expected"),
    [
        ("bakery", "of the bakery", "taken"),
        ("cafe", "of the cafe", "taken"),
        ("bakery", "of the cafe", SIGNED_BY_NOBODY),
        ("cafe", "of the bakery", SIGNED_BY_NOBODY),
        ("florist", "of the bakery", "503 unknown_api_key"),
    ],
)
def test_the_secret_is_chosen_by_the_api_key(api_key: str, secret: str, expected: str) -> None:
    """Of several accounts each signs for itself."""
    assert verdict(bearer(claims(api_key=api_key), secret=secret), accounts=(BAKERY, CAFE)) == expected


def test_the_allow_list_is_the_accounts_own() -> None:
    """An account without one takes every application's webhooks."""
    foreign = claims(application_id=OTHER_APPLICATION)

    assert verdict(bearer(foreign | {"api_key": "cafe"}, secret="of the cafe"), accounts=(BAKERY, CAFE)) == "taken"
    assert verdict(bearer(foreign | {"api_key": "bakery"}, secret="of the bakery"), accounts=(BAKERY, CAFE)) == (
        "401 other_application"
    )


def test_accounts_of_one_api_key_are_taken_together() -> None:
    """Two applications of one Vonage account share its secret and api_key."""
    first = Account(api_key=KEY, signature_secrets=("one",), applications=(SHOP,))
    second = Account(api_key=KEY, signature_secrets=("two",), applications=(OTHER_APPLICATION,))

    for secret, application in (("one", OTHER_APPLICATION), ("two", SHOP)):
        signed = bearer(claims(application_id=application), secret=secret)
        assert verdict(signed, accounts=(first, second)) == "taken"


@pytest.mark.parametrize("secret", ["s", "ünïcödé", "four"])
def test_a_short_secret_verifies(secret: str) -> None:
    """Vonage allows secrets of 32 bits; botkit does not know better."""
    assert verdict(bearer(secret=secret), accounts=(Account(api_key=KEY, signature_secrets=(secret,)),)) == "taken"


def test_without_accounts_nothing_is_taken() -> None:
    """An installation that is not set up keeps nobody's webhooks."""
    assert verdict(bearer(), accounts=()) == "503 unknown_api_key"
    assert verdict(None, accounts=()) == NONE


def test_an_account_without_secrets_verifies_nothing() -> None:
    """Neither its api_key nor the empty secret opens the door."""
    assert verdict(bearer(secret=""), accounts=(Account(api_key=KEY),)) == SIGNED_BY_NOBODY


@pytest.mark.parametrize("authorization", [None, "", "nonsense", bearer(secret="x")])
def test_where_verification_is_off_everything_is_taken(authorization: str | None) -> None:
    """For development on one's own machine; whether it may be off is decided where the address is known."""
    assert verdict(authorization, accounts=(Account(api_key=KEY, verify_signatures=False),)) == "taken"


@pytest.mark.parametrize(
    ("accounts", "says"),
    [
        ((Account(api_key=KEY, signature_secrets=("",)),), "A signature_secret is empty"),
        ((Account(api_key=KEY, signature_secrets=("good", " \n")),), "A signature_secret is empty"),
        ((Account(signature_secrets=("good",)),), "has a signature_secret but no api_key"),
        ((CAFE, Account(verify_signatures=False)), "verified for all or for none"),
    ],
)
def test_secrets_that_cannot_work_are_refused_at_once(accounts: tuple[Account, ...], says: str) -> None:
    """A mistake in the settings is found when botkit starts, not when the first webhook comes."""
    with pytest.raises(ConfigError, match=says):
        Verifier(accounts)


@pytest.mark.parametrize("name", [name for name, (_, expected) in TABLE.items() if expected != "taken"])
def test_a_refusal_gives_no_secret_away(name: str) -> None:
    """Its text is logged: it holds neither a secret nor a signature that would have been right."""
    with pytest.raises(BotkitError) as refused:
        Verifier((ACCOUNT,)).verify(TABLE[name][0], BODY, NOW)

    assert not any(word in str(refused.value) for word in (SECRET, OLD_SECRET, SIGNATURE))


def test_an_unknown_api_key_is_named() -> None:
    """The operator reads which one to add, and a stranger cannot write lines into the log."""
    with pytest.raises(Unverifiable, match=r"'new\\nkey'"):
        Verifier((ACCOUNT,)).verify(claim(api_key="new\nkey"), BODY, NOW)


# Others' tokens, and ours elsewhere


def test_tokens_made_by_pyjwt_verify() -> None:
    """The library under the official SDK signs as Vonage does."""
    assert verdict(f"Bearer {jwt.encode(claims(), SECRET, algorithm='HS256')}") == "taken"


SIMULATOR = Signer(KEY, SECRET, SHOP)


def test_our_tokens_verify_with_the_official_package() -> None:
    """What the simulator signs is what Vonage's own check takes, and only with the right secret."""
    ours = (SIMULATOR.authorization(BODY, datetime.now(UTC)) or "").removeprefix("Bearer ")

    assert vonage_jwt.verify_signature(ours, SECRET) is True
    assert vonage_jwt.verify_signature(ours, OLD_SECRET) is False


def test_our_tokens_say_what_vonages_say() -> None:
    """The simulator signs with the claims that Vonage documents, and what it signs is taken."""
    ours = SIMULATOR.authorization(BODY, NOW) or ""
    said = jwt.decode(ours.removeprefix("Bearer "), options={"verify_signature": False})

    assert said == claims(jti=said["jti"])
    assert verdict(ours) == "taken"
