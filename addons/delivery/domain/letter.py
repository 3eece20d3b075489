"""How the letter with a receipt reads, in Russian, Kazakh or both. The receipt itself is trade's."""

from __future__ import annotations

from html import escape
from typing import Protocol

from addons.trade.api import ReceiptLanguage

_WORDS = {
    "receipt": {"kk": "Чек", "ru": "Чек", "both": "Чек"},
    "test": {
        "kk": "ТЕСТ, фискалды емес",
        "ru": "ТЕСТ, нефискальный",
        "both": "ТЕСТ, фискалды емес / нефискальный",
    },
    "open": {"kk": "Чекті ашу", "ru": "Открыть чек", "both": "Чекті ашу / Открыть чек"},
    "why": {
        "kk": "Бұл хат чекті осы мекенжайға жіберуді сұрағандықтан келді. Оған жауап берудің қажеті жоқ.",
        "ru": "Письмо пришло, потому что чек попросили отправить на этот адрес. Отвечать на него не нужно.",
    },
}


class Shown(Protocol):
    """What of a receipt the letter's own words need."""

    @property
    def document_number(self) -> int | None: ...

    @property
    def company_title(self) -> str: ...

    @property
    def is_test(self) -> bool: ...


def letter_subject(card: Shown, language: ReceiptLanguage) -> str:
    """Чек № 42 · ТОО «Береке»."""
    number = "" if card.document_number is None else f" № {card.document_number}"
    test = f"{_word('test', language)} · " if card.is_test else ""
    return f"{test}{_word('receipt', language)}{number} · {card.company_title}"


def letter_text(card: Shown, receipt: str, link: str | None, language: ReceiptLanguage) -> str:
    """The letter for readers without HTML."""
    opened = [f"{_word('open', language)}: {link}", ""] if link else []
    return "\n".join([receipt.rstrip(), "", *opened, *_why(language), ""])


def letter_html(card: Shown, receipt: str, link: str | None, language: ReceiptLanguage) -> str:
    """The letter as a small page of its own: no pictures, nothing to be loaded, readable in the dark."""
    button = (
        f'<p><a href="{escape(link)}" style="display:inline-block;padding:10px 18px;border-radius:8px;'
        f'background:#0b6b5b;color:#fff;text-decoration:none">{escape(_word("open", language))}</a></p>'
        if link
        else ""
    )
    why = "".join(f"<p>{escape(line)}</p>" for line in _why(language))
    return (
        f'<!doctype html><html lang="{"kk" if language is ReceiptLanguage.KK else "ru"}"><head>'
        '<meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(letter_subject(card, language))}</title></head>"
        '<body style="margin:0;padding:16px;font:15px/1.5 system-ui,sans-serif">'
        f'<pre style="font:13px/1.35 ui-monospace,Consolas,monospace;overflow-x:auto">{escape(receipt)}</pre>'
        f'{button}<div style="font-size:12px;opacity:.7">{why}</div></body></html>'
    )


def _why(language: ReceiptLanguage) -> list[str]:
    words = _WORDS["why"]
    languages = {ReceiptLanguage.KK: ("kk",), ReceiptLanguage.RU: ("ru",)}.get(language, ("kk", "ru"))
    return [words[each] for each in languages]


def _word(name: str, language: ReceiptLanguage) -> str:
    key = {ReceiptLanguage.KK: "kk", ReceiptLanguage.RU: "ru"}.get(language, "both")
    return _WORDS[name][key]
