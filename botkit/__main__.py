"""``python -m botkit``: the command line."""

from botkit.cli import main

main()
