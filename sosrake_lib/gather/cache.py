"""Raw answers kept on disk with source, time, licence and hash; replaced only as a whole.

The body lies in a file named by its hash; the small description that points to it is replaced last and
in one step, so a reader sees the old answer or the new one, never half of either.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sosrake_lib import samples


@dataclass(frozen=True)
class Stored:
    """An answer found in the cache."""

    body: bytes
    retrieved: datetime
    sha256: str
    licence: str


def read(source: str, method: str, url: str, sent: bytes) -> Stored | None:
    """Find a stored answer; None when there is none, or when its bytes no longer match their hash."""
    described = _description(source, method, url, sent)
    try:
        about = json.loads(described.read_text(encoding="utf-8"))
        body = (described.parent / about["body"]).read_bytes()
        retrieved = datetime.fromisoformat(about["retrieved"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if hashlib.sha256(body).hexdigest() != about.get("sha256") or retrieved.tzinfo is None:
        return None
    return Stored(body, retrieved, about["sha256"], str(about.get("licence", "")))


def write(source: str, method: str, url: str, sent: bytes, body: bytes, licence: str) -> Stored:
    """Store an answer whose content was checked, replacing the older one in one step."""
    described = _description(source, method, url, sent)
    described.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(body).hexdigest()
    retrieved = datetime.now(UTC).replace(microsecond=0)
    name = f"{described.stem}-{digest[:16]}.body"
    replace_file(described.parent / name, body)
    about = {
        "source": source,
        "method": method,
        "url": url,
        "sent": sent.decode("utf-8"),
        "retrieved": retrieved.isoformat(),
        "licence": licence,
        "sha256": digest,
        "body": name,
    }
    replace_file(described, json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8"))
    for older in described.parent.glob(f"{described.stem}-*.body"):
        if older.name != name:
            older.unlink(missing_ok=True)
    return Stored(body, retrieved, digest, licence)


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the target, flush to disk, then take its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _description(source: str, method: str, url: str, sent: bytes) -> Path:
    key = hashlib.sha256(b"\n".join([method.encode(), url.encode("utf-8"), sent])).hexdigest()[:32]
    return samples.home() / "cache" / source / f"{key}.json"
