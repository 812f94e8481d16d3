"""The metrics."""

from prometheus_client.parser import text_string_to_metric_families

from botkit.monitoring import Metrics


def metrics_page() -> str:
    """Every metric with its kind."""
    text = [
        "# Metrics",
        "Served on `server.metrics_port`, path `/metrics`; [operating](../operating.md) tells what to watch.",
    ]
    exposed = text_string_to_metric_families(Metrics().exposition()[0].decode())
    families = sorted((family for family in exposed if not family.name.endswith("_created")), key=lambda one: one.name)
    return "\n\n".join([*text, *(f"## {one.name}\n\n{one.documentation}\n\nA {one.type}." for one in families)])
