"""`python -m digest.cli`, where no script is installed."""

from digest.cli import main

main()
