"""Addresses that are told of decisions and do not behave: one is gone, one moved, one slow."""

from __future__ import annotations

from contextlib import suppress

from chaos.faults.approvals import ApprovalFault
from chaos.faults.base import Broken

SLOW_SECONDS = 6.0  # longer than SEND_TIMEOUT_SECONDS
WAYS = ("good", "gone", "moved", "slow")


class CallbacksFail(ApprovalFault):
    name = "F67"
    title = "of four addresses that are told of decisions one is gone, one redirects, one is slow"
    candidates = len(WAYS)
    patience = 20.0

    def inject(self) -> None:
        world, root = self.world, f"/{self.own.tenant}"
        url = world.sim.url
        self.addresses = [f"{url}/core{root}/{way}" for way in WAYS]
        elsewhere = {"Location": f"{url}/core{root}/elsewhere"}
        self.rules = [
            world.fail("core", "status", status=410, match={"path": f"{root}/gone"}, times=-1),
            world.fail("core", "status", status=302, headers=elsewhere, match={"path": f"{root}/moved"}, times=-1),
            world.fail("core", "slow", seconds=SLOW_SECONDS, match={"path": f"{root}/slow"}, times=1),
        ]
        self.ask()

    def bit(self) -> str:
        felt = not self.pending() and all(self.world.rule_used(rule) for rule in self.rules)
        return "one is gone, one redirects, one did not answer in time" if felt else ""

    def heal(self) -> None:
        for rule in self.rules:
            self.world.sim.post("unfail", id=rule)

    def told_at(self, way: str) -> int:
        """How many callbacks an address believed."""
        path = f"/{self.own.tenant}/{way}"
        return sum(one["accepted"] and one["path"] == path for one in self.world.sim.record("core", direction="in"))

    def stands(self, way: str) -> str:
        """What became of the callback to an address, and whether the address is still in use."""
        sql = (
            "SELECT d.state, d.held_by, e.is_enabled FROM tenants_webhookdelivery d"
            " JOIN tenants_webhookendpoint e ON e.id = d.endpoint_id WHERE e.url = ?"
        )
        rows = self.world.database.rows(sql, self.addresses[WAYS.index(way)])
        return ", ".join(f"{state} {held_by} {'on' if is_on else 'off'}" for state, held_by, is_on in rows)

    def check_told(self) -> None:
        # The slow one is tried again after five seconds, the others in no case.
        done = "done  on"
        with suppress(TimeoutError):
            self.world.until(lambda: self.stands("good") == self.stands("slow") == done, what="both are told")
        found = {way: self.stands(way) for way in WAYS}
        if found != {"good": done, "gone": "ignored  off", "moved": "held address on", "slow": done}:
            raise Broken(f"callbacks stand so: {found}")
        if not self.told_at("good") or self.told_at("elsewhere"):
            raise Broken("the good one was not told, or a redirect was followed")
