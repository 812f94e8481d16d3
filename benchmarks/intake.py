"""Taking webhooks, against a bare aiohttp handler that parses JSON and answers 200."""

from benchmarks.processes import measure
from benchmarks.table import Figure, show

ROUNDS = 5


def main() -> None:
    """Print what verification and durability cost."""
    bare, verified, durable, each = [], [], [], []
    for _ in range(ROUNDS):
        bare.append(measure("bare"))
        verified.append(measure("verified"))
        durable.append(measure("intake"))
        each.append(measure("each", messages=600))
    show(
        "intake: webhook to 200",
        [
            Figure(
                name="CPU of verified intake without commit / bare aiohttp",
                ratios=[a.cpu_microseconds / b.cpu_microseconds for a, b in zip(verified, bare, strict=True)],
                most=2.8,
            ),
            Figure(
                name="requests a second, durable (FULL, group commit) / bare aiohttp",
                ratios=[a.per_second / b.per_second for a, b in zip(durable, bare, strict=True)],
                least=0.25,
            ),
            Figure(
                name="requests a second, durable / a commit for each request",
                ratios=[a.per_second / b.per_second for a, b in zip(durable, each, strict=True)],
                least=5.0,
            ),
        ],
        [
            (
                f"bare {min(one.cpu_microseconds for one in bare):.0f} us, "
                f"verified {min(one.cpu_microseconds for one in verified):.0f} us"
            )
        ],
    )


if __name__ == "__main__":
    main()
