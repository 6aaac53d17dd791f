"""Real text as a source: Python's standard library, which is always at hand, or any file or folder.

Its entropy is not known, so a run has a loss but no excess. Symbols are bytes, or pieces of a small byte-pair encoding
learnt from the training part. The last twelfth of the files (or of a single file) is held out.
"""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._validate import choice, integer
from .sources import HELD_OUT_SEED, Tokens

__all__ = ["TextSource"]

#: One file in this many is held out.
HELD_OUT_SHARE = 12
#: Folders of the standard library that are not library code, or differ between installations.
SKIPPED = {"site-packages", "dist-packages", "__pycache__", "test", "tests", "idle_test", "ensurepip", "lib2to3"}
#: Bytes from which the byte-pair encoding learns its merges.
BPE_SAMPLE = 1 << 20
#: Control characters that text does not use; the upper half of the bytes, which text uses that is not UTF-8.
CONTROL = bytes(sorted({*range(32), 127} - set(b"\t\n\v\f\r\b\x1b")))
UPPER = bytes(range(128, 256))
#: A file is taken for binary if more than this share of it are such bytes.
STRANGE = 0.3


@dataclass(frozen=True)
class TextSource:
    """Text of the standard library, of a file or of a folder.

    Parameters
    ----------
    path : str
        A file, a folder (all files below it in order of name), or "stdlib".
    pattern : str
        Which files of a folder, such as ``"*.txt"``.
    tokenizer : {"bytes", "bpe"}
    vocab : int
        256 for bytes; 257 to 4096 for the byte-pair encoding.
    digest : str
        Checksum of the text, found when it is read.

    Raises
    ------
    ValueError
        If there is no such file, it is empty, too short, or binary.
    """

    path: str = "stdlib"
    pattern: str = "*.py"
    tokenizer: str = "bytes"
    vocab: int = 256
    digest: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", str(self.path))
        choice("tokenizer", self.tokenizer, ("bytes", "bpe"))
        bytes_only = self.tokenizer == "bytes"
        vocab = integer(
            "vocab", self.vocab, unit="symbols", low=256 if bytes_only else 257, high=256 if bytes_only else 4096
        )
        object.__setattr__(self, "vocab", vocab)
        # The text itself is part of the description: another file under the same name is another source.
        object.__setattr__(self, "digest", _read(self.path, self.pattern)[2])

    @property
    def entropy(self) -> None:
        """Not known for real text."""
        return None

    @property
    def tokens(self) -> int:
        """Tokens of the training part."""
        return len(self._parts()[0])

    @property
    def bytes_per_token(self) -> float:
        """Bytes that a token of the held-out text stands for; divide a loss by it to compare tokenizers."""
        return len(_read(self.path, self.pattern)[1]) / len(self._parts()[1])

    def decode(self, tokens: Tokens) -> bytes:
        """The bytes that tokens stand for."""
        if self.tokenizer == "bytes":
            return np.asarray(tokens, np.uint8).tobytes()
        merges = _encoded(self.path, self.pattern, self.tokenizer, self.vocab)[2]
        pieces = [bytes([i]) for i in range(256)]
        for left, right in merges:
            pieces.append(pieces[left] + pieces[right])
        return b"".join(pieces[token] for token in np.asarray(tokens).tolist())

    def _parts(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        return _encoded(self.path, self.pattern, self.tokenizer, self.vocab)[:2]

    def check(self, count: int, length: int) -> None:
        """Raise ValueError unless `count` different windows of `length` can be cut from the training part, and two for testing."""
        have = self.tokens // length
        if not have or len(self._parts()[1]) < 2 * length:
            raise ValueError(
                f"The text of {self.path} is too short for windows of {length} tokens: {self.tokens:,} are for training and "
                f"{len(self._parts()[1]):,} are held out, of which two windows are needed. Take a shorter window or more text."
            )
        if count > have:
            raise ValueError(
                f"{count:,} different windows of {length} tokens are asked for: {self.path} has {have:,}. "
                f"Train on fewer tokens, or see them several times with epochs={-(-count // have)} or more."
            )

    def windows(self, count: int, length: int, *, seed: int = 0) -> NDArray[np.uint16]:
        """Cut windows that do not overlap, in a random order; as many as there are, `count` at most."""
        part = self._parts()[1 if seed == HELD_OUT_SEED else 0]
        have = len(part) // length
        if not have:
            raise ValueError(
                f"The text of {self.path} is too short for a window of {length} tokens. Take a shorter window or more text."
            )
        rows = part[: have * length].reshape(have, length)
        return rows[np.random.default_rng(seed).permutation(have)[:count]]

    def surprise(self, windows: Tokens, first: int) -> None:
        """Not known for real text."""
        return None


@lru_cache(maxsize=4)
def _read(path: str, pattern: str) -> tuple[bytes, bytes, str]:
    """Training bytes, held-out bytes and a digest of both."""
    if path == "stdlib":
        root = Path(sysconfig.get_paths()["stdlib"])
        files = [f for f in sorted(root.rglob("*.py")) if not SKIPPED & set(f.relative_to(root).parts)]
    else:
        place = Path(path).expanduser()
        if not place.is_file() and not place.is_dir():
            raise ValueError(f"path is {path!r}: there is no such file or folder.")
        files = [place] if place.is_file() else sorted(f for f in place.rglob(pattern) if f.is_file())
        if not files:
            raise ValueError(f"path is {path!r}: no file in it matches {pattern!r}. Try pattern='*'.")
    named = [(f.name, content) for f in files if (content := f.read_bytes())]
    text = [content for _, content in named]
    if not text:
        raise ValueError(f"path is {path!r}: it is empty. Choose text of at least a few thousand characters.")
    for name, content in named:
        if why := _binary(content):
            raise ValueError(
                f"path is {path!r}: {name} {why}, so it is not text. Choose a text file or a narrower pattern; text in "
                "another encoding must become UTF-8 first."
            )
    if len(text) == 1:
        cut = len(text[0]) - len(text[0]) // HELD_OUT_SHARE
        train, held = text[0][:cut], text[0][cut:]
    else:
        # By a hash of the content, so that a file's part does not depend on its neighbours.
        out = [hashlib.sha256(t).digest()[0] % HELD_OUT_SHARE == 0 for t in text]
        train = b"\n".join(t for t, away in zip(text, out, strict=True) if not away)
        held = (
            b"\n".join(t for t, away in zip(text, out, strict=True) if away) or train[-len(train) // HELD_OUT_SHARE :]
        )
    return train, held, hashlib.sha256(train + b"\0" + held).hexdigest()[:16]


def _binary(content: bytes) -> str:
    """Why content, which is not empty, cannot be text; nothing if it can."""
    if b"\0" in content:
        return "holds zero bytes"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        strange = CONTROL + UPPER
    else:
        strange = CONTROL
    share = 1 - len(content.translate(None, strange)) / len(content)
    return f"is {100 * share:.0f} % bytes that text hardly has" if share > STRANGE else ""


@lru_cache(maxsize=4)
def _encoded(
    path: str, pattern: str, tokenizer: str, vocab: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], list[tuple[int, int]]]:
    merges: list[tuple[int, int]] = []
    parts = [np.frombuffer(part, np.uint8).astype(np.uint16) for part in _read(path, pattern)[:2]]
    if tokenizer == "bpe":
        merges = _merges(parts[0][:BPE_SAMPLE], vocab - 256)
        parts = [_merge_all(part, merges) for part in parts]
    return parts[0], parts[1], merges


def _merges(tokens: NDArray[np.uint16], count: int) -> list[tuple[int, int]]:
    """The `count` most frequent neighbours, one after the other, each merged before the next is sought."""
    merges = []
    for new in range(256, 256 + count):
        if len(tokens) < 2:
            raise ValueError(
                f"vocab is {256 + count}: the text is used up after {new - 256} merges. Take a smaller vocabulary or more text."
            )
        pairs = tokens[:-1].astype(np.uint32) << 16 | tokens[1:]
        values, often = np.unique(pairs, return_counts=True)
        best = values[often.argmax()]
        merges.append((int(best >> 16), int(best & 0xFFFF)))
        tokens = _merge(tokens, *merges[-1], new)
    return merges


def _merge(tokens: NDArray[np.uint16], left: int, right: int, new: int) -> NDArray[np.uint16]:
    hit = np.flatnonzero((tokens[:-1] == left) & (tokens[1:] == right))
    if left == right and len(hit):
        # In a run such as "aaa" only every second pair can be merged.
        run = np.concatenate([[0], np.cumsum(np.diff(hit) != 1)])
        start = hit[np.searchsorted(run, run)]
        hit = hit[(hit - start) % 2 == 0]
    out = tokens.copy()
    out[hit] = new
    return np.delete(out, hit + 1)


def _merge_all(tokens: NDArray[np.uint16], merges: list[tuple[int, int]]) -> NDArray[np.uint16]:
    for index, (left, right) in enumerate(merges):
        tokens = _merge(tokens, left, right, 256 + index)
    return tokens
