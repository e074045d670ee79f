"""Fetching from a server that is slow, broken, hostile or merely well-behaved."""

from __future__ import annotations

import pytest

from kg.errors import DataError
from kg.fetch import Patience, Validators, fetch_newer
from kg.sources import MAX_BYTES
from tests.kg.upstream.web import Web, serving

QUICK = Patience(tries=3, first_s=0.001, total_s=20)


def get(address: str, hosts: tuple[str, ...] = (), known: Validators = Validators()) -> bytes | None:  # noqa: B008
    return fetch_newer(address, known, hosts, QUICK).data


def test_what_has_not_changed_is_not_sent_again(web: Web) -> None:
    web.files["/list"] = b"one"
    first = fetch_newer(f"{web.address}/list", Validators(), (), QUICK)
    assert first.data == b"one"
    assert get(f"{web.address}/list", known=first.validators) is None
    web.files["/list"] = b"two"
    assert get(f"{web.address}/list", known=first.validators) == b"two"


def test_the_time_of_the_last_change_is_sent_back_too(web: Web) -> None:
    moment = "Tue, 06 Oct 2026 07:00:00 GMT"
    web.before["/list"] = [(200, {"Last-Modified": moment}, b"one"), (304, {}, b"")]
    first = fetch_newer(f"{web.address}/list", Validators(), (), QUICK)
    assert get(f"{web.address}/list", known=first.validators) is None
    assert web.asked[-1][1]["If-Modified-Since"] == moment


def test_what_fails_for_now_is_tried_again(web: Web) -> None:
    web.files["/list"] = b"one"
    web.before["/list"] = [(503, {}, b""), (200, {"Content-Length": "10"}, b"cut")]
    assert get(f"{web.address}/list") == b"one"
    assert [status for _, _, status in web.asked] == [503, 200, 200]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (410, 1), (500, 3), (429, 3)])
def test_what_fails_for_good_is_an_error(web: Web, status: int, asked: int) -> None:
    web.before["/list"] = [(status, {}, b"no")] * 5
    with pytest.raises(DataError, match=str(status)):
        get(f"{web.address}/list")
    assert len(web.asked) == asked


def test_a_server_that_is_gone_is_an_error() -> None:
    with serving() as web:
        address = web.address
    with pytest.raises(DataError, match=r"no connection \(tried 3 times\)"):
        get(address)


def test_a_file_that_is_too_large_is_an_error(web: Web) -> None:
    web.files["/list"] = b" " * (MAX_BYTES + 1)
    with pytest.raises(DataError, match="larger than"):
        get(f"{web.address}/list")


def test_redirects_are_followed_on_the_host_only(web: Web) -> None:
    elsewhere = web.address.replace("127.0.0.1", "localhost")
    web.files["/list"] = b"one"
    web.before["/near"] = [(302, {"Location": "/list"}, b"")]
    web.before["/far"] = [(302, {"Location": f"{elsewhere}/list"}, b"")] * 2
    web.before["/loop"] = [(302, {"Location": "/loop"}, b"")] * 10
    assert get(f"{web.address}/near") == b"one"
    assert get(f"{web.address}/far", hosts=("localhost",)) == b"one"
    with pytest.raises(DataError, match="another host"):
        get(f"{web.address}/far")
    with pytest.raises(DataError, match="redirects more than"):
        get(f"{web.address}/loop")


def test_a_password_goes_to_its_own_host_and_into_no_message(web: Web) -> None:
    address = web.address.replace("//", "//jane:s3cret@")
    elsewhere = web.address.replace("127.0.0.1", "localhost")
    web.files["/list"] = b"one"
    web.before["/near"] = [(302, {"Location": "/list"}, b"")]
    web.before["/far"] = [(302, {"Location": f"{elsewhere}/list"}, b"")] * 2
    get(f"{address}/near")
    assert all("Authorization" in headers for _, headers, _ in web.asked)
    get(f"{address}/far", hosts=("localhost",))
    assert "Authorization" not in web.asked[-1][1]
    for path in ("/far", "/none?token=s3cret"):
        with pytest.raises(DataError) as caught:
            get(f"{address}{path}")
        assert "s3cret" not in str(caught.value)
