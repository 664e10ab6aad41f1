"""`python -m forecast` is the command `forecast`."""

from forecast.cli.start import main

main()
