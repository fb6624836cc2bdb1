"""Kinds of code of which wandblint says something false today. The tests leave them out until it is fixed."""

from __future__ import annotations

_REASONS = {
    "methods that Python calls are not run": (
        "__add__ __bool__ __contains__ __delitem__ __eq__ __float__ __format__ __getattr__ __getitem__ "
        "__hash__ __iadd__ __len__ __lshift__ __lt__ __matmul__ __neg__ __next__ __radd__ __setattr__ "
        "__setitem__ __str__,async context,descriptor,iteration by __getitem__,property deleter,"
        "property setter"
    ),
    "methods that the library calls are not run": (
        "logging handler,queue to a thread,thread subclass,methodcaller,sort with key,sorted with key,"
        "singledispatch"
    ),
    "registries that classes and decorators fill are not seen": (
        "class decorator registry,init_subclass registry,metaclass registry,named class registry,"
        "new registers,registering decorator,wrapping decorator,mutable default"
    ),
    "names set through a dictionary or by another function keep their first value": (
        "__dict__.update,globals().update,vars().update,nonlocal,rebound constant,rebound global,"
        "log replaced by wrapper"
    ),
    "one of several functions made in a loop is kept": (
        "lambda calls helper,lambda in loop,lambdas in dict comprehension,lambdas in list comprehension,"
        "local class"
    ),
    "exceptions and `else` are not followed": (
        "break and else,conditional expression,contextmanager with finally,exception from a call,"
        "real exception"
    ),
    "lists and dictionaries keep what is removed": (
        "cleared row,list insert and remove,list slice,next of generator,stack flatten"
    ),
    "a function that closes over names is not run in some mixtures": (
        "lambda with late binding,nested function,sibling functions,returned closure,global of callback,"
        "partial of log,wrapper with prefix,future callback,ExitStack callback,map,filter,starmap,"
        "min with key,max with key,thread target,function attribute,decorator with arguments,gather,"
        "async generator,generator,comprehension that logs,list in module,inherited method,super call,"
        "composite of objects,enum method,double star arguments,getattr of method name,row of function,"
        "return in finally,__iter__"
    ),
    "a result is put off and lost in some mixtures": "cached_property,named tuple,class attribute list",
    "the order of a list is not known": "sorted items",
    "an item of an unpacked or popped list is mistaken in some mixtures": (
        "star unpacking,list append and pop,recursive flatten,string split,f-string keys"
    ),
    "a function in a file that does not mention wandb gets the run of an attribute, or the module wandb": (
        "trainer of run,function of run,callbacks of run"
    ),
    "`wandb.run` is not the run that a contextmanager opened": "current run",
    "a call in every second iteration counts as in every one": "every second epoch",
    "code after a swallowed exception is thought unreachable": "__exit__ swallows",
    "definitions of a second init count for its own run": "second init returns the run",
}


def _kinds(text: str) -> list[str]:
    """The names in a list with commas; the names of methods may have spaces between them."""
    found: list[str] = []
    for name in text.split(","):
        found += name.split() if name.startswith("__") and name.count(" __") == name.count(" ") else [name]
    return found


KNOWN_GAPS = {kind: reason for reason, text in _REASONS.items() for kind in _kinds(text)}
"""The reason by kind."""
