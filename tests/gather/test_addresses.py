from ipaddress import ip_address, ip_network

import pytest

from digest.gather.addresses import METADATA, carried_by, unfit

PUBLIC = (
    "8.8.8.8",
    "93.184.216.34",
    "192.88.98.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:2800:220:1::1",
    "2a00:1450::1",
    "2001:4860:4860::8888",
)
INSIDE = (
    "0.0.0.0",
    "10.255.255.255",
    "100.127.255.255",
    "127.255.255.255",
    "169.254.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.255.255",
    "198.19.255.255",
    "203.0.113.9",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::8.8.8.8",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fd12::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff0e::1",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_called(address: str):
    assert unfit(ip_address(address)) == ""


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_else_is(address: str):
    assert unfit(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
def test_unless_its_network_was_opened(address: str):
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))

    assert unfit(ip_address(address), everything) == ""


@pytest.mark.parametrize("address", sorted(METADATA, key=str))
def test_but_for_the_metadata_of_clouds(address: object):
    assert unfit(ip_address(str(address)), (ip_network("0.0.0.0/0"), ip_network("::/0")))


@pytest.mark.parametrize(
    ("address", "carries"),
    [
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::10.0.0.1", "10.0.0.1"),
        ("64:ff9b::10.0.0.1", "10.0.0.1"),
        ("64:ff9b:1::10.0.0.1", "10.0.0.1"),
        ("2002:a00:1::", "10.0.0.1"),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "10.0.0.1"),
    ],
)
def test_opening_what_carries_does_not_open_what_is_carried(address: str, carries: str):
    assert str(carried_by(ip_address(address))) == carries
    assert unfit(ip_address(address), (ip_network("::/0"),)) == "a private network"
