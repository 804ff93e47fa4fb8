"""`python -m pinbot` is the command `pinbot`."""

from pinbot.cli.main import entry

entry()
