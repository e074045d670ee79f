from __future__ import annotations

import pytest

from server.engine.errors import ClientLimitError
from server.engine.fairness import SERVER, Budgets, client_of


def test_a_client_past_its_budget_is_told_when_to_come_again() -> None:
    budgets = Budgets()
    budgets.charge("192.0.2.1", 200)
    with pytest.raises(ClientLimitError) as caught:
        budgets.check("192.0.2.1")
    assert caught.value.status == 429
    # 80 s more than it may save up, and a second comes back in each second
    assert 60 <= int(caught.value.headers["Retry-After"]) <= 80
    budgets.check("192.0.2.2")


def test_look_ups_cost_nothing_however_many() -> None:
    budgets = Budgets()
    for _ in range(20_000):
        budgets.charge("192.0.2.1", 0.09)
    budgets.check("192.0.2.1")


def test_the_server_itself_has_no_budget() -> None:
    budgets = Budgets()
    budgets.charge(SERVER, 10_000)
    budgets.check(SERVER)


def test_clients_are_forgotten_once_they_have_their_budget_back() -> None:
    budgets = Budgets()
    budgets.charge("192.0.2.1", 10_000)
    for n in range(20_000):
        budgets.charge(f"client {n}", 0.1000001)
    with pytest.raises(ClientLimitError):
        budgets.check("192.0.2.1")


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("testserver", "testserver"),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, client: str) -> None:
    assert client_of(address) == client
