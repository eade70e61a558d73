"""From a call to its answer: look-up, role, arguments, the method, and the barrier that nothing passes but a fault."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence

from hqserver.api.context import Call, Caller, Context
from hqserver.api.registry import Method
from hqserver.core.commands import Refused
from hqserver.wire.agent_json import MessageError
from hqserver.wire.faults import LONGEST_TEXT, ApiFault, BadValue, Code, cut, fault_text
from hqserver.wire.roles import admits

log = logging.getLogger("hqserver.api")


async def answer(
    methods: Mapping[str, Method], context: Context, caller: Caller, name: str, arguments: Sequence[object]
) -> object:
    """What the method answers. Raises ApiFault and nothing else."""
    method = methods.get(name)
    if method is None:
        raise ApiFault(Code.NO_SUCH_METHOD, f"there is no method {cut(name, 100)}. system.listMethods names all.")
    if not admits(caller.roles, method.role):
        raise ApiFault(Code.FORBIDDEN, f"{name}: only for the role {method.role} and above.")
    bound = method.bind(arguments)
    try:
        found = method.function(Call(context, caller, name, methods), *bound)
        return await found if method.is_async else found
    except ApiFault:
        raise
    except Refused as refused:
        raise ApiFault(refused.code, fault_text(name, "", refused.text)) from None
    except BadValue as problem:
        raise problem.as_fault(name) from None
    except MessageError as problem:
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(name, "", str(problem))) from None
    except Exception as error:  # noqa: BLE001  (the barrier: nothing but a fault gets out)
        raise failure(name, error) from None


def failure(name: str, error: Exception) -> ApiFault:
    """The fault for a mistake of ours: the log has the whole story, the caller its number."""
    incident = secrets.token_hex(4)
    log.error("incident %s in %s", incident, cut(name, 100), exc_info=error)
    text = f"{cut(name, 100)}: the server failed (incident {incident}). Its log says why."
    return ApiFault(Code.OUR_BUG, cut(text, LONGEST_TEXT))
