"""Vagrant: images of the Docker provider and provisioner, and of nobody else."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import vagrant
from tests.formats._scanning import scanned, told

FORMATS = (vagrant.FORMAT,)
PROVIDER = 'config.vm.provider "docker" do |d|\n  %s\nend\n'
PROVISION = "config.vm.provision :docker do |d|\n  %s\nend\n"

TABLE = [
    pytest.param(PROVIDER % 'd.image = "a:1"', [("a:1", "writable")], id="the provider's image"),
    pytest.param("c.vm.provider(\"docker\") { |x| x.image = 'a:1' }", [("a:1", "writable")], id="another spelling"),
    pytest.param(PROVISION % 'd.pull_images "a:1", "b:2"', [("a:1", "writable"), ("b:2", "writable")], id="pulled"),
    pytest.param(PROVISION % 'd.pull_images("a:1")\n  d.x "b"', [("a:1", "writable")], id="pulled, in parentheses"),
    pytest.param(PROVISION % 'd.run "db", image: "a:1", args: "-d"', [("a:1", "writable")], id="run by its image"),
    pytest.param(PROVISION % 'd.run "db",\n    image: "a:1"', [("a:1", "writable")], id="run, on two lines"),
    pytest.param(PROVISION % 'd.run "a"', [("a", "fixed")], id="run by its name"),
    pytest.param(PROVIDER % 'd.image = "a:#{v}"', [('"a:#{v}"', "variable")], id="filled in"),
    pytest.param(PROVIDER % "d.image = ENV['I']", [("ENV", "variable")], id="an expression"),
    pytest.param(PROVIDER % '# d.image = "a:1"', [], id="a comment"),
    pytest.param(PROVIDER % 'x.image = "a:1"', [], id="something else's image"),
    pytest.param(
        '# docker\nconfig.vm.provider :digital_ocean do |p, o|\n  p.image = "ubuntu-24-04-x64"\nend',
        [],
        id="another provider",
    ),
    pytest.param(
        f'{PROVIDER % "d.cmd = 1"}config.vm.provider "aws" do |d|\n  d.image = "a"\nend',
        [],
        id="another one, of that name",
    ),
]


@pytest.mark.parametrize(("text", "found"), TABLE)
def test_finds_the_images_that_docker_runs(text: str, found: list[tuple[str, str]]) -> None:
    assert told("Vagrantfile", text, formats=FORMATS) == found


@pytest.mark.parametrize("unit", ['d.run "a", ', "d.image ", '"#{', "|d|", 'd.pull_images "a",', "=begin\n"])
def test_survives_hostile_text_in_linear_time(unit: str) -> None:
    start = time.process_time()
    scanned("Vagrantfile", (PROVIDER % "x")[:-4] + "image " + unit * 5_000, formats=FORMATS)
    assert time.process_time() - start < 5
