"""What is refused before scoring: instruments not scored here, scales not verified, answers not kept."""

from __future__ import annotations

from sosrake_lib.catalogue import Instrument, ScoredScale
from sosrake_lib.errors import FrameError, SosrakeError


def wanted_scales(
    record: Instrument, scales: tuple[str, ...] | None, unverified: bool, where: str
) -> list[ScoredScale]:
    """Choose the scales: those asked for, or all that are neither sensitive nor unverified."""
    if not record.verified and not unverified:
        raise SosrakeError(
            f"{where}: the scoring of {record.key} was not verified in a source ({record.source}); check it "
            "against the instrument's own guide and use unverified=True"
        )
    if scales is None:
        return [scale for scale in record.scales if not scale.sensitive and (scale.verified or unverified)]
    chosen = [record.scale(key) for key in scales]
    doubtful = [scale.key for scale in chosen if not scale.verified]
    if doubtful and not unverified:
        raise SosrakeError(
            f"{where}: {record.key}, scale {doubtful[0]!r} is not verified: its range was not found in a "
            "source; check it against the instrument's own guide and use unverified=True"
        )
    return chosen


def refuse_kind(record: Instrument, kind: str, where: str) -> None:
    """Refuse to score answers of an instrument that is only taken in ready, or made of goals."""
    if record.kind == kind:
        return
    way = "plan_goals" if record.kind == "goals" else "import_scores"
    raise SosrakeError(
        f"{where}: answers to {record.key} are not scored here ({record.licence.name}); use {way}"
    )


def refuse_answers(record: Instrument, keep: tuple[str, ...], where: str) -> None:
    """Refuse to carry answers to PHQ-9 along."""
    held = [column for column in keep if "phq" in column.lower()]
    if record.key == "phq9" and held:
        raise FrameError(
            f"{where}: kept column {held[0]!r} may hold an answer to PHQ-9; its answers are never carried "
            "along. Keep columns of the person only"
        )


def own_rule(max_missing: int, scale: ScoredScale, where: str) -> int:
    """Give how many items of the scale may be empty by the user's own rule; one answer is always needed."""
    if max_missing < 0:
        raise SosrakeError(f"{where}: max_missing {max_missing}; expected 0 or more")
    return min(max_missing, len(scale.items) - 1)
