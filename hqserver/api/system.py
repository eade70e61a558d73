"""What the server says of its own methods, and several calls in one."""

from __future__ import annotations

from typing import Any, Final

from hqserver.api import dispatch
from hqserver.api.context import Call
from hqserver.api.kinds import Calls, MethodName
from hqserver.api.registry import REQUIRED, Method, Section
from hqserver.wire.faults import ApiFault, Code, cut, fault_text, shown
from hqserver.wire.roles import Role

SECTION: Final = Section("Introspection", "As every XML-RPC server has it.")
MOST_CALLS: Final = 1000
_MULTICALL: Final = "system.multicall"


@SECTION.method("system.listMethods", Role.VIEWER, answer="list of str", example="hq.system.listMethods()", ours=True)
def list_methods(call: Call) -> list[str]:
    """The names of all methods, sorted."""
    return sorted(call.methods)


@SECTION.method("system.methodHelp", Role.VIEWER, answer="str", example='hq.system.methodHelp("getJobs")', ours=True)
def method_help(call: Call, name: MethodName) -> str:
    """What a method does, how it is called and by whom."""
    method = _known(call, name)
    return f"{signature(method)}\n\n{method.text}\n\nRole: {method.role}. Example: {method.example}"


@SECTION.method(
    "system.methodSignature",
    Role.VIEWER,
    answer="list of list",
    example='hq.system.methodSignature("getJobs")',
    ours=True,
)
def method_signature(call: Call, name: MethodName) -> list[list[str]]:
    """The types of a method's answer and arguments: one list for each number of arguments that it takes."""
    method = _known(call, name)
    types = [argument.kind.wire_type for argument in method.arguments]
    return [[method.wire_answer, *types[:count]] for count in range(method.least, len(types) + 1)]


@SECTION.method(
    _MULTICALL,
    Role.ANONYMOUS,
    answer="list of list or dict",
    example='hq.system.multicall([{"methodName": "ping", "params": []}])',
    ours=True,
)
async def multicall(call: Call, calls: Calls) -> list[Any]:
    """Several calls in one request, at most 1000: each is a dict of `methodName` and `params`.

    The answer holds, in the same order, a list with the answer of the call, or the dict of its fault. Each call stands
    alone: one that fails does not undo or stop the others. Calls that wait, and this one, are not taken.
    """
    if len(calls) > MOST_CALLS:
        raise ApiFault(Code.TOO_LARGE, f"{_MULTICALL}: has {len(calls)} calls. At most {MOST_CALLS} are taken.")
    return [await _one(call, item, f"calls[{index}]") for index, item in enumerate(calls)]


async def _one(call: Call, item: object, path: str) -> list[Any] | dict[str, int | str]:
    try:
        name, arguments = _unpacked(call, item, path)
        return [await dispatch.answer(call.methods, call.context, call.caller, name, arguments)]
    except ApiFault as fault:
        return fault.as_struct()


def _unpacked(call: Call, item: object, path: str) -> tuple[str, list[object]]:
    if not isinstance(item, dict):
        problem = f"must be a struct of methodName and params, got {shown(item)}"
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(_MULTICALL, path, problem))
    name, arguments = item.get("methodName"), item.get("params", [])
    if not isinstance(name, str):
        problem = f"must be a string, got {shown(name)}"
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(_MULTICALL, f"{path}.methodName", problem))
    if not isinstance(arguments, list):
        problem = f"must be a list, got {shown(arguments)}"
        raise ApiFault(Code.BAD_PARAMETERS, fault_text(_MULTICALL, f"{path}.params", problem))
    method = call.methods.get(name)
    if name == _MULTICALL or (method is not None and method.waits):
        problem = f"{cut(name, 60)} may not stand within another call"
        raise ApiFault(Code.NOT_XML_RPC, fault_text(_MULTICALL, path, problem))
    return name, arguments


def _known(call: Call, name: str) -> Method:
    method = call.methods.get(name)
    if method is None:
        raise ApiFault(Code.NO_SUCH_METHOD, fault_text(call.method, "", f"there is no method {cut(name, 100)}."))
    return method


def signature(method: Method) -> str:
    """`name(argument, other=default) -> answer`."""
    arguments = [
        argument.name if argument.default is REQUIRED else f"{argument.name}={_default(argument.default)}"
        for argument in method.arguments
    ]
    return f"{method.name}({', '.join(arguments)}) -> {method.answer}"


def _default(value: object) -> str:
    """Defaults as HQueue's page has them."""
    return repr(list(value)) if isinstance(value, tuple) else repr(value)
