"""Which account a command acts with."""

from botkit.cli.options import configuration
from botkit.errors import ConfigError
from botkit.settings import Account


def account_for(config: str, page: str | None, *, needs_page: bool = True) -> tuple[Account, str]:
    """The account that sends for *page*, and the page; raises ConfigError where it is not clear which are meant."""
    loaded = configuration(config, secrets=True)
    accounts = loaded.settings.accounts
    pages = sorted(
        {*(one for bot in loaded.bots for one in bot.pages), *(one for acc in accounts for one in acc.pages)}
    )
    if page is None and len(pages) == 1:
        page = pages[0]
    if page is None and (needs_page or len(accounts) != 1):
        raise ConfigError(f"Say which page with --page{': ' + ', '.join(pages) if pages else ''}.")
    for account in accounts:
        if page in account.pages or (not account.pages and len(accounts) == 1) or page is None:
            return account, page or ""
    raise ConfigError(f"No account under vonage: has page {page}.")
