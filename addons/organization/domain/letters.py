"""Letters about accounts in Russian, Kazakh and English. Whoever reads one may be a stranger to us, so it
says no more than needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from kernel.i18n import fill

_LANGUAGES = ("ru", "kk", "en")


class LetterPurpose(StrEnum):
    """What a letter's one-time token opens; the value is the last part of the page's address too."""

    SIGN_UP = "sign-up"
    PASSWORD = "password"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Words:
    """subject and text of a letter; {link}, {token}, {hours}, {company}, {name} are filled in."""

    subject: str
    text: str


_LETTERS: Mapping[str, Mapping[str, Words]] = {
    LetterPurpose.SIGN_UP: {
        "ru": Words(
            "Подтвердите адрес в Sauda",
            "Этот адрес указали при регистрации в Sauda. Чтобы закончить её, откройте ссылку:\n\n{link}\n\n"
            "или введите код:\n\n{token}\n\nОни действуют {hours} ч. Если это были не вы, ничего не делайте.",
        ),
        "kk": Words(
            "Sauda жүйесінде мекенжайды растаңыз",
            "Бұл мекенжай Sauda жүйесіне тіркелу кезінде көрсетілді. Аяқтау үшін сілтемені ашыңыз:\n\n{link}"
            "\n\nнемесе кодты енгізіңіз:\n\n{token}\n\nОлар {hours} сағат жарамды. "
            "Егер бұл сіз болмасаңыз, ештеңе істемеңіз.",
        ),
        "en": Words(
            "Confirm your address in Sauda",
            "This address was given when somebody signed up to Sauda. To finish, open the link:\n\n{link}\n\n"
            "or enter the code:\n\n{token}\n\nThey work for {hours} h. If it was not you, do nothing.",
        ),
    },
    "known": {
        "ru": Words(
            "Вы уже зарегистрированы в Sauda",
            "На этот адрес попробовали зарегистрироваться ещё раз. Учётная запись уже есть: войдите "
            "с паролем или восстановите его:\n\n{link}\n\nЕсли это были не вы, ничего не делайте.",
        ),
        "kk": Words(
            "Сіз Sauda жүйесінде тіркелгенсіз",
            "Осы мекенжаймен қайта тіркелуге әрекет жасалды. Тіркелгі бар: құпиясөзбен кіріңіз немесе оны "
            "қалпына келтіріңіз:\n\n{link}\n\nЕгер бұл сіз болмасаңыз, ештеңе істемеңіз.",
        ),
        "en": Words(
            "You have an account in Sauda",
            "Somebody tried to sign up with this address again. There is an account already: sign in, or ask "
            "for a new password:\n\n{link}\n\nIf it was not you, do nothing.",
        ),
    },
    LetterPurpose.PASSWORD: {
        "ru": Words(
            "Новый пароль в Sauda",
            "Чтобы задать новый пароль, откройте ссылку:\n\n{link}\n\nили введите код:\n\n{token}\n\n"
            "Они действуют {hours} ч и один раз. Если вы не просили, ничего не делайте: "
            "пароль остаётся прежним.",
        ),
        "kk": Words(
            "Sauda жүйесіндегі жаңа құпиясөз",
            "Жаңа құпиясөз қою үшін сілтемені ашыңыз:\n\n{link}\n\nнемесе кодты енгізіңіз:\n\n{token}\n\n"
            "Олар {hours} сағат және бір рет жарамды. Сұрамаған болсаңыз, ештеңе істемеңіз: "
            "құпиясөз бұрынғыдай қалады.",
        ),
        "en": Words(
            "New password in Sauda",
            "To choose a new password, open the link:\n\n{link}\n\nor enter the code:\n\n{token}\n\n"
            "They work for {hours} h and once. If you did not ask, do nothing: the password stays.",
        ),
    },
    LetterPurpose.INVITATION: {
        "ru": Words(
            "{company}: приглашение в Sauda",
            "{company} приглашает вас в Sauda. Чтобы принять приглашение, откройте ссылку:\n\n{link}\n\n"
            "или введите код:\n\n{token}\n\nОни действуют {hours} ч.",
        ),
        "kk": Words(
            "{company}: Sauda жүйесіне шақыру",
            "{company} сізді Sauda жүйесіне шақырады. Шақыруды қабылдау үшін сілтемені ашыңыз:\n\n{link}\n\n"
            "немесе кодты енгізіңіз:\n\n{token}\n\nОлар {hours} сағат жарамды.",
        ),
        "en": Words(
            "{company}: invitation to Sauda",
            "{company} invites you to Sauda. To accept, open the link:\n\n{link}\n\nor enter the code:\n\n"
            "{token}\n\nThey work for {hours} h.",
        ),
    },
}


def letter_words(kind: str, language: str, facts: Mapping[str, str | int | None]) -> Words:
    """Subject and text of a letter with its facts; ru for a language we do not speak."""
    words = _LETTERS[kind][language if language in _LANGUAGES else "ru"]
    return Words(fill(words.subject, facts), fill(words.text, facts))


def as_page(words: Words) -> str:
    """The same text as a small page: nothing to be loaded, links that can be followed."""
    paragraphs = []
    for each in words.text.split("\n\n"):
        clean = escape(each)
        if each.startswith(("https://", "http://")):
            clean = f'<a href="{clean}">{clean}</a>'
        paragraphs.append(f"<p>{clean}</p>")
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(words.subject)}</title></head>"
        f'<body style="margin:0;padding:16px;font:15px/1.5 system-ui,sans-serif">{"".join(paragraphs)}'
        "</body></html>"
    )
