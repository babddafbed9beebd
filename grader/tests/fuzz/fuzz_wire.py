"""Coverage-guided fuzzing of what the grading side reads from a worker (needs `pip install atheris`).

    python -m grader.tests.fuzz.fuzz_wire decode CORPUS -max_total_time=600 -rss_limit_mb=300
    python -m grader.tests.fuzz.fuzz_wire conversation CORPUS -max_total_time=600 -rss_limit_mb=300

`decode` feeds single messages to the decoder; what it accepts must survive a second trip. `conversation` feeds
whole conversations to a `SealedSubject`, frames and callbacks included, which must end in a `Reply`. CORPUS is a folder
that keeps what was found; it is filled with valid messages at first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader.sandbox", "grader.subject"]):
    import numpy as np

    from grader.sandbox.cast import with_log
    from grader.sandbox.wire import WireError, decode, encode
    from grader.sandbox.zygote import fast_folder
    from grader.subject.reply import Frame, Handle, Raised, RemoteReference, Reply
    from grader.tests.fuzz.conversation import Conversation, framed

TRACE = (Frame("losses.py", 3, "mse", "return x / 0"),)
REPLIES = (
    Reply(1.5),
    Reply(np.arange(6.0).reshape(2, 3), None, ("overflow",), ("0", "x"), True, ("array_subclass",)),
    Reply({"a": [1, (2, None)], 3: {True, "b", 2.5}}),
    Reply([Handle(1, "Layer"), RemoteReference(0, ("step",))]),
    Reply(None, Raised("exception", "ValueError", ("ValueError", "Exception"), "no", "", TRACE)),
    Reply(np.array([True, False])),
    Reply(2**100),
    Reply(1j),
    Reply("text"),
    Reply(np.zeros((0, 3), dtype=np.float32)),
)
LOADED = ("reply", 1, Reply())
CALLS = (
    ("call_back", 1, 0, "__call__", (1.0, np.ones(2)), {"k": None}),
    ("call_back", 2, 1, "step", (3.0,), {}),
    ("read_back", 3, 1, "rate"),
)
LOG = [encode((2, "forward", (np.zeros((1, 2)),), {})), encode((2, "parameters", (), {}))]


def messages() -> list[bytes]:
    """Valid messages, to start from."""
    return [encode(("reply", 2, reply)) for reply in REPLIES] + [encode(call) for call in CALLS]


def conversations() -> list[bytes]:
    """Valid conversations: the topic is loaded, then a call is answered, or calls back first."""
    start = framed(encode(LOADED))
    ends = [start + framed(encode(("reply", 2, reply))) for reply in REPLIES]
    calls = b"".join(framed(encode(call)) for call in CALLS)
    logged = framed(with_log(LOG, encode(("called", 1)))) + framed(with_log(LOG, encode(("reply", 2, REPLIES[0]))))
    ends += [start + calls + framed(encode(("reply", 2, REPLIES[0]))), start + logged]
    return [*ends, start + framed(encode(("check_broke", 2)))]


def fuzz_decode(data: bytes) -> None:
    """One message."""
    try:
        value = decode(data)
    except WireError:
        return
    again = encode(value)
    # As long, not equal: a set has no order.
    assert len(encode(decode(again))) == len(again), "a value that does not survive a second trip"


conversation = None


def fuzz_conversation(data: bytes) -> None:
    """One conversation."""
    global conversation
    if conversation is None:
        conversation = Conversation(Path(tempfile.mkdtemp(dir=fast_folder())))
    assert type(conversation.call(data)) is Reply


TARGETS = {"decode": (fuzz_decode, messages), "conversation": (fuzz_conversation, conversations)}


def main() -> None:
    """Run one target."""
    target, seeds = TARGETS[sys.argv.pop(1)]
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
