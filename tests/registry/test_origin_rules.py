"""Several names of the settings may lead to one origin: what one of them says is not lost by another."""

from __future__ import annotations

from pinbot.net.origin import Origin
from pinbot.net.tls import ClientCertificate
from pinbot.registry.options import RegistryOptions, rules_for

PLACE = "https://registry.corp"


def test_a_name_that_says_nothing_takes_nothing_from_another() -> None:
    mine = ClientCertificate("me.pem", "me.key")
    full = RegistryOptions(endpoint=PLACE, ca_file="corp.pem", client_certificate=mine)
    bare = RegistryOptions(endpoint=PLACE)
    for options in ({"a.example": full, "b.example": bare}, {"b.example": bare, "a.example": full}):
        rules = rules_for(options)[Origin.parse(PLACE)]
        assert (rules.ca_file, rules.client_certificate) == ("corp.pem", mine)
