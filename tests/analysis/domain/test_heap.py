"""The heap covers what every run of a program does: random writes on branches, compared with real objects."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.domain.random_values import SIMPLE, VALUES, covers
from wandblint.analysis.domain.heap import Heap
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, hole_of
from wandblint.analysis.domain.values import Branch, ClassInfo, Unknown, Value
from wandblint.facts import ClassDef
from wandblint.span import Span
from wandblint.template import SymbolId, template

HERE = Span("train.py", 0, 1)
BRANCHES = (None, Branch(None), Branch(None))
"""The branch that allocates, and two that may run."""
CHOICES = st.integers(0, len(BRANCHES) - 1)
KEYS = st.sampled_from(["a", "b", "c"]).map(template)
WRITES = st.lists(st.tuples(CHOICES, KEYS, st.one_of(st.none(), SIMPLE)), max_size=8)
"""Each on a branch: a key and its new value; None deletes the key."""

Write: TypeAlias = "tuple[int, Value, Value | None]"


NONE_CHANGED = 1 << 999
"""Later than all objects."""


class Observer:
    """A project in which nothing happens."""

    current_owner = None

    def note_change(self, owner: object) -> bool:
        return False

    def undo_later(self, undo: Callable[[], None]) -> None:
        pass

    def mark_path_dependent(self) -> None:
        pass


def new_heap() -> Heap:
    heap = Heap(Observer())
    heap.time.tick()
    return heap


def write(heap: Heap, target: Dictionary, change: Write) -> None:
    branch, key, value = change
    if value is None:
        heap.remove_item(target, key, BRANCHES[branch])
    else:
        heap.set_item(target, key, value, HERE, BRANCHES[branch])


@given(WRITES)
def test_a_dictionary_covers_every_run(writes: list[Write]) -> None:
    heap, target = new_heap(), Dictionary(None)
    heap.put(1, target)
    for change in writes:
        write(heap, target, change)
    for taken in product((True, False), repeat=2):
        real: dict[Value, Value] = {}
        for branch, key, value in writes:
            if branch and not taken[branch - 1]:
                continue
            if value is None:
                real.pop(key, None)
            else:
                real[key] = value
        for key, value in real.items():
            assert covers(target.entries[key].value, value)
        assert {key for key, entry in target.entries.items() if entry.is_must} <= real.keys()


@given(WRITES, WRITES)
def test_writes_on_other_branches_only_add(before: list[Write], after: list[Write]) -> None:
    heap, target = new_heap(), Dictionary(None)
    heap.put(1, target)
    for change in before:
        write(heap, target, change)
    earlier = values_of(target)
    for branch, key, value in after:
        write(heap, target, (max(branch, 1), key, value))
    for key, entry in earlier.items():
        assert covers(target.entries[key].value, entry)


def values_of(target: Dictionary) -> dict[Value, Value]:
    return {key: entry.value for key, entry in target.entries.items()}


@given(WRITES)
def test_writes_that_repeat_themselves_change_nothing(writes: list[Write]) -> None:
    """A loop whose writes are on another branch ends: its second iteration changes nothing."""
    heap, target = new_heap(), Dictionary(None)
    heap.put(1, target)
    kept = [change for change in writes if change[0] and change[2] is not None]
    for change in kept:
        write(heap, target, change)
    heap.oldest_change = NONE_CHANGED
    for change in kept:
        write(heap, target, change)
    assert heap.oldest_change == NONE_CHANGED


@given(WRITES, st.integers(0, 2))
def test_widening_is_idempotent_and_keeps_what_is_known(writes: list[Write], number: int) -> None:
    heap, target = new_heap(), Dictionary(None)
    heap.put(1, target)
    for change in writes:
        write(heap, target, change)
    earlier = values_of(target)
    key = template(hole_of(Unknown(SymbolId("mapping", number))))
    heap.widen(target, key, HERE)
    assert target.is_open
    once = values_of(target)
    assert once.items() >= earlier.items()
    heap.oldest_change = NONE_CHANGED
    heap.widen(target, key, HERE)
    heap.widen(target, template(hole_of(Unknown(SymbolId("other")))), HERE)
    assert values_of(target) == once
    assert heap.oldest_change == NONE_CHANGED


@given(st.lists(st.tuples(CHOICES, SIMPLE), max_size=8))
def test_an_attribute_covers_every_run(writes: list[tuple[int, Value]]) -> None:
    heap = new_heap()
    instance = Instance(None, ClassInfo("train.py", "C", ClassDef(0, 1, "C", 0, [], [], [])))
    heap.put(1, instance)
    for branch, value in writes:
        heap.set_attribute(instance, "x", value, BRANCHES[branch])
    for taken in product((True, False), repeat=2):
        made = [value for branch, value in writes if not branch or taken[branch - 1]]
        if made:
            assert covers(instance.attributes["x"], made[-1])


@given(st.lists(st.tuples(CHOICES, st.booleans(), VALUES), max_size=8))
def test_a_list_covers_every_run(appended: list[tuple[int, bool, Value]]) -> None:
    heap, target = new_heap(), SequenceObject(None)
    heap.put(1, target)
    for branch, in_loop, value in appended:
        heap.append(target, value, BRANCHES[branch], in_loop=in_loop)
    for taken in product((True, False), repeat=2):
        real = [
            value
            for branch, in_loop, value in appended
            for _ in range(2 if in_loop else 1)
            if not branch or taken[branch - 1]
        ]
        assert len(real) >= len(target.items)
        for index, value in enumerate(real):
            if index < len(target.items):
                assert covers(target.items[index], value)
            else:
                assert any(covers(item, value) for item in all_items([], target.tail))


STEPS = st.lists(
    st.one_of(st.just("thunk"), st.tuples(CHOICES, KEYS, st.one_of(st.none(), SIMPLE))), max_size=12
)
"""The creation of a thunk, or a write."""


@given(STEPS)
def test_an_evaluation_sees_the_dictionary_of_its_creation(steps: list[Write | str]) -> None:
    heap = new_heap()
    ref = heap.put(1, Dictionary(None))
    thunks: list[tuple[int, dict[Value, Value]]] = []
    for step in steps:
        target = heap[ref]
        assert isinstance(target, Dictionary)
        if isinstance(step, str):
            thunks.append((heap.time.create_thunk(), values_of(target)))
        else:
            write(heap, target, step)
    for created_at, expected in thunks:
        with heap.time.evaluation(created_at):
            seen = heap[ref]
            assert isinstance(seen, Dictionary)
            assert values_of(seen) == expected


def test_what_an_evaluation_writes_is_seen_by_later_thunks_alone() -> None:
    heap, key, value = new_heap(), template("a"), template("value")
    ref = heap.put(1, Dictionary(None))
    before, writer, after = (heap.time.create_thunk() for _ in range(3))
    with heap.time.evaluation(writer):
        target = heap[ref]
        assert isinstance(target, Dictionary)
        heap.set_item(target, key, value, HERE, None)
    seen = []
    for created_at in (before, after):
        with heap.time.evaluation(created_at):
            target = heap[ref]
            assert isinstance(target, Dictionary)
            seen.append([*target.entries])
    assert seen == [[], [key]]


def test_a_write_to_a_former_state_opens_the_object() -> None:
    heap, key, value = new_heap(), template("a"), template("value")
    ref = heap.put(1, Dictionary(None))
    created_at = heap.time.create_thunk()
    present = heap[ref]
    assert isinstance(present, Dictionary)
    heap.set_item(present, key, value, HERE, None)
    with heap.time.evaluation(created_at):
        past = heap[ref]
        assert isinstance(past, Dictionary)
        heap.set_item(past, template("b"), value, HERE, None)
    assert present.is_open
