"""bots.yaml: references to the environment and to files, and secrets, which nobody is ever shown."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.config import Configuration, check_exposure, is_loopback, read
from botkit.errors import ConfigError
from botkit.settings import Account, ServerSettings, Settings

BOTS = "version: 1\nbots: {shop: {fallback: Hello}}\n"
VONAGE = """
vonage:
  application_id: aaaa
  private_key: ${KEY}
  api_key: abcd
  signature_secret: ["${OLD}", "${NEW}"]
"""
PEM = "-----BEGIN PRIVATE KEY-----\nMIIB: '#\"{}[]\n-----END PRIVATE KEY-----\n"


def gone(name: str) -> bytes:
    """A file that is not there."""
    raise FileNotFoundError(2, "No such file or directory")


def load(
    text: str,
    variables: Mapping[str, str],
    *,
    secrets: bool = True,
    read_file: Callable[[str], str | bytes] = gone,
) -> Configuration:
    """Read a text as `botkit run` would."""
    return read(
        BOTS + text,
        file="conf/bots.yaml",
        environment=variables,
        read_file=read_file,
        import_name=gone,
        secrets=secrets,
    )


def account(text: str, variables: Mapping[str, str]) -> Account:
    """The only account."""
    return load(text, variables).settings.accounts[0]


def test_variables_are_put_in_after_the_file_was_read() -> None:
    """A key may have lines, quotes and braces: YAML never sees them."""
    found = account(VONAGE, {"KEY": PEM, "OLD": "a: b # c", "NEW": "*x"})

    assert found.private_key == PEM.strip()
    assert found.signature_secrets == ("a: b # c", "*x")


def test_a_path_to_the_key_lies_beside_the_file() -> None:
    """What does not look like a key is the way to one."""
    assert account(VONAGE, {"KEY": "keys/private.key", "OLD": "o", "NEW": "n"}).private_key == "conf/keys/private.key"


def test_numbers_come_from_the_environment_too() -> None:
    """Where a port or a switch is given by the machine."""
    loaded = load(
        'server: {port: "${PORT}", drain_seconds: "${DRAIN}", host: "${HOST}"}\n'
        "vonage: {api_key: x, api_secret: y, verify_signatures: '${VERIFY}', messages_per_second: '${RATE}'}\n",
        {"PORT": "8080", "DRAIN": "2.5", "HOST": "127.0.0.1", "VERIFY": "no", "RATE": "3"},
    )

    assert loaded.settings.server == ServerSettings(port=8080, drain_seconds=2.5)
    assert loaded.settings.accounts == (
        Account(api_key="x", api_secret="y", verify_signatures=False, messages_per_second=3.0),
    )


def test_a_reference_may_stand_inside_a_text() -> None:
    """A path may be put together."""
    assert load(
        "store: /srv/${NAME}-${STAGE}.db\n", {"NAME": "shop", "STAGE": "live"}, secrets=False
    ).settings.store == ("/srv/shop-live.db")


@given(st.text(alphabet=st.sampled_from("${}ABfile: x\\"), max_size=20).filter(str.strip), st.text(min_size=1))
def test_what_a_reference_brings_in_is_not_looked_at_again(first: str, second: str) -> None:
    """A value that looks like a reference is a value."""
    assert load("store: sqlite://${A}\n", {"A": first, "B": second}, secrets=False).settings.store == (
        f"sqlite://{first}".strip()
    )


def test_a_file_is_read_and_its_last_line_break_dropped() -> None:
    """Secrets that a platform mounts as files."""
    files: dict[str, str | bytes] = {"keys/a.pem": PEM.encode(), "secret": "\ufeffhunter2\r\n".encode()}
    loaded = load(
        "vonage:\n  application_id: aaaa\n  api_key: abcd\n"
        "  private_key: ${file:keys/a.pem}\n  signature_secret: '${file: secret }'\n",
        {},
        read_file=files.__getitem__,
    )

    assert loaded.settings.accounts[0].private_key == PEM.strip()
    assert loaded.settings.accounts[0].signature_secrets == ("hunter2",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xd8", 'the file "k" cannot be read (it is not in UTF-8)'),
        (b" \n", 'the file "k" is empty'),
        (PermissionError(13, "Permission denied"), 'the file "k" cannot be read (Permission denied)'),
        (OSError("broken"), 'the file "k" cannot be read (OSError)'),
    ],
    ids=["picture", "empty", "forbidden", "broken"],
)
def test_a_file_that_cannot_be_read_is_told(content: bytes | OSError, told: str) -> None:
    """With its name and the reason, and nothing of what is in it."""

    def read_file(name: str) -> bytes:
        if isinstance(content, OSError):
            raise content
        return content

    with pytest.raises(ConfigError) as error:
        load("store: ${file:k}\n", {}, read_file=read_file)

    assert f"conf/bots.yaml:3:8: store: {told}" in str(error.value)


def test_a_variable_that_is_no_text_is_told() -> None:
    """A terminal that speaks another encoding than UTF-8 leaves bytes in it that mean nothing."""
    with pytest.raises(ConfigError) as error:
        load("store: ${NAME}\n", {"NAME": b"caf\xe9".decode("utf-8", "surrogateescape")})

    assert "conf/bots.yaml:3:8: store: the environment variable NAME is not in UTF-8" in str(error.value)


def test_vonage_is_left_alone_where_nobody_needs_it() -> None:
    """`run --dev` and `check` need none of its variables, and know its shape all the same."""
    loaded = load("vonage: {application_id: '${ID}', verify_signatures: '${VERIFY}'}\n", {}, secrets=False)
    with pytest.raises(ConfigError, match='unknown key "aplication_id", did you mean "application_id"'):
        load("vonage: {aplication_id: '${ID}'}\n", {}, secrets=False)

    assert loaded.settings.accounts == ()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("vonage: {api_key: '${K}', base_url: 'http://example.com'}\n", "this begins with https://"),
        ("server: {host: 0.0.0.0}\nvonage: {verify_signatures: false}\n", "false is for this machine only"),
        ("vonage: [{api_key: '${K}', pages: 1}, {api_key: k}]\n", "each needs its pages"),
    ],
)
def test_what_is_written_out_is_checked_where_nobody_needs_it(settings: str, told: str) -> None:
    """`check` finds it before `run` refuses it."""
    with pytest.raises(ConfigError, match=told):
        load(settings, {}, secrets=False)


def test_what_an_account_lacks_is_no_mistake_until_it_is_needed() -> None:
    """Whoever is trying a bot out may be half-way to his account; and where a reference leads nobody can tell."""
    lacking = load("vonage: {application_id: a}\n", {}, secrets=False).warnings
    unknown = load(
        "vonage: {api_key: '${K}', api_secret: '${S}', signature_secret: x, pages: '${P}'}\n", {}, secrets=False
    )

    assert [one.removeprefix("conf/bots.yaml:3:9: vonage: ") for one in lacking] == [
        "private_key is missing; application_id and private_key go together; `botkit run` refuses this",
        "api_key and signature_secret are missing; they show that webhooks come from Vonage; `botkit run` refuses this",
    ]
    assert unknown.warnings == ()


def test_references_are_followed_in_settings_only() -> None:
    """Whoever writes texts cannot read the environment."""
    text = "version: 1\nbots: {shop: {fallback: 'It costs $HOME, $5 or ${session.price}'}}\n"
    loaded = read(text, file="b", environment={"HOME": "/root"}, read_file=gone, import_name=gone, secrets=False)

    assert "/root" not in repr(loaded.bots[0].hooks)


SECRET = "hunter2-a3f9"
LEAKS = [
    "vonage: {application_id: ${S}",
    "vonage: {application_id: '${S}', private_key: '${S}', signature_secret: '${S}', base_url: '${S}'}",
    "vonage: {api_key: '${S}', messages_api: '${S}'}",
    "vonage: {api_key: '${S}', messages_per_second: '${S}', verify_signatures: '${S}', unknown: '${S}'}",
    "vonage: [{api_key: '${S}', pages: ['${S}', '${S}']}, {api_key: '${S}', pages: '${S}'}]",
    "server: {port: '${S}', host: '${S}', inbound: '${S}', drain_seconds: '${S}', status: '/${S}', combined: '/${S}'}",
    "server: {host: '${S}'}\nvonage: {api_key: x, api_secret: y, verify_signatures: no}",
    "vonage: {base_url: 'https://${S}@[/', api_key: '${S}', private_key: '${file:${S}}'}",
    "vonage: {base_url: 'http://me:${S}@example.com?${S}', api_key: x, private_key: '${file:x}'}",
]


@pytest.mark.parametrize("text", LEAKS)
def test_no_mistake_shows_what_a_reference_brought_in(text: str) -> None:
    """Errors are printed, logged and pasted into tickets."""
    with pytest.raises(ConfigError) as error:
        load(text, {"S": SECRET}, read_file=lambda name: SECRET)

    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


TYPED = [
    f"vonage:\n  api_secret: {SECRET}\n  api_secrets: {SECRET}\n",
    f"vonage:\n  api_secret: {SECRET}\n  api_secret: {SECRET}\n",
    f"vonage:\n  api_secret: {{{SECRET}: {SECRET}, {SECRET}: 2}}\n",
    f"vonage:\n  api_secret:\n    {SECRET}: &x {{{SECRET}: [1]}}\n",
    f"vonage:\n  signature_secret: '{SECRET}' x\n",
    f"vonage:\n  signature_secret: {{{SECRET}: 1}}\n",
    f"vonage:\n  signature_secret:\n    - {SECRET}\n    - {SECRET}: x\n",
    f"vonage:\n  signature_secret:\n  - {SECRET}: {SECRET}: x\n",
    f"vonage:\n  signature_secret: [{SECRET}, {SECRET}\n",
    f"vonage: {{api_secret: {SECRET}, signature_secret: [{SECRET}, '{SECRET}'], api_secret: \"{SECRET}\", oops: 1}}\n",
    f"vonage:\n  private_key: |\n   {SECRET}\n  {SECRET}\n",
    f"store: {{postgresql://me:{SECRET}@db/shop: x}}\n",
    f"store: postgresql://me:{SECRET}@db/shop: x\n",
    "vonage:\n  private_key: |\n  MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAhunter2a3f9AoIBAQC7VJTU\n",
]


@pytest.mark.parametrize("text", TYPED)
def test_no_mistake_shows_a_secret_that_was_typed_into_the_file(text: str) -> None:
    """Whoever keeps secrets in the file is not to find them in a log, and still sees where to look."""
    with pytest.raises(ConfigError) as error:
        load(text, {})

    assert SECRET not in str(error.value)
    assert "hunter2a3f9" not in str(error.value)
    assert "*" in str(error.value)


def test_secrets_are_not_in_the_settings_words() -> None:
    """Whoever prints the settings prints no secret."""
    found = load(VONAGE, {"KEY": f"-----BEGIN {SECRET}", "OLD": SECRET, "NEW": SECRET})

    assert SECRET not in repr(found)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_known(host: str) -> None:
    """Every loopback address is one, and the name that means it."""
    check_exposure(Settings(server=ServerSettings(host=host), accounts=(Account(verify_signatures=False),)))

    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com", "127.0.0.1.example.com", ""])  # noqa: S104 - refused
def test_unverified_webhooks_are_refused_where_others_can_send_them(host: str) -> None:
    """The command line asks again, because it may have another host."""
    settings = Settings(server=ServerSettings(host=host), accounts=(Account(), Account(verify_signatures=False)))

    assert not is_loopback(host)
    with pytest.raises(ConfigError, match="verify_signatures: false is for this machine only"):
        check_exposure(settings)


@pytest.mark.parametrize("url", ["https://bots.example.com", "https://192.168.1.2/bots"])
def test_a_public_address_leads_others_here(url: str) -> None:
    """A proxy that strangers reach passes on what they sign with nothing."""
    settings = Settings(server=ServerSettings(public_url=url), accounts=(Account(verify_signatures=False),))

    with pytest.raises(ConfigError, match="public_url leads others here; leave it out, or have signatures verified"):
        check_exposure(settings)


def test_verified_webhooks_may_come_from_anywhere() -> None:
    """The usual case."""
    check_exposure(Settings(server=ServerSettings(host="0.0.0.0"), accounts=(Account(),)))  # noqa: S104 - that is it
