"""``python -m kg`` is ``opdkg``."""

from kg.cli import main

main()
