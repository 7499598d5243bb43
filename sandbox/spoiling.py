"""Deliveries that are not what they should be: from another workspace, for another app, or badly signed."""

import copy
from dataclasses import replace

from sandbox.faults import DELIVERY_FAULTS, HTTP_FAULTS, Fault, Faults
from sandbox.packets import Packet

OTHER_TEAM = "T0STRANGER"
OTHER_APP = "A0STRANGER"


def spoiled(packet: Packet, faults: Faults, *, is_http: bool) -> Packet:
    """Return the packet as a fault makes it, if one strikes."""
    kinds = DELIVERY_FAULTS | HTTP_FAULTS if is_http else DELIVERY_FAULTS
    fault = faults.strike(packet.name, kinds, every="deliveries")
    return _spoil(packet, fault) if fault else packet


def _spoil(packet: Packet, fault: Fault) -> Packet:
    if fault.kind == "forged_signature":
        return replace(packet, is_forged=True)
    if fault.kind == "stale_timestamp":
        return replace(packet, signed_ago=fault.seconds)
    payload = copy.deepcopy(packet.payload)
    if fault.kind == "other_app":
        payload["api_app_id"] = OTHER_APP
    elif "team" in payload:  # An interaction.
        payload["team"]["id"] = payload["user"]["team_id"] = OTHER_TEAM
    else:
        payload["team_id"] = OTHER_TEAM
        for holder in payload.get("authorizations", ()):
            holder["team_id"] = OTHER_TEAM
    return replace(packet, payload=payload)
