"""Texts whose keys were pressed in the wrong layout: codes of scanners that type, and searches of people.

A scanner presses keys; the computer writes what its layout has on them. Codes hold ASCII only, so one
Cyrillic letter tells that the whole text must be read key by key. Source of the tables: layouts KBDRU and
KBDKAZ of Windows beside KBDUS.
"""

from __future__ import annotations

_KEYS = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_RUSSIAN = "ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю."
_RUSSIAN_SHIFTED = 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,'
_KAZAKH = '("әіңғ,.үұқөһйцукенгшщзхъ\\фывапролджэячсмитьбю№'
_KAZAKH_SHIFTED = ")!ӘІҢҒ;:ҮҰҚӨҺЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ?"
_ONLY_KAZAKH = frozenset("әіңғүұқөһӘІҢҒҮҰҚӨҺ")
_CYRILLIC = frozenset("ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ") | _ONLY_KAZAKH

_FROM_RUSSIAN = str.maketrans(_RUSSIAN_SHIFTED + _RUSSIAN, _SHIFTED + _KEYS)
_FROM_KAZAKH = str.maketrans(_KAZAKH_SHIFTED + _KAZAKH, _SHIFTED + _KEYS)
_TO_RUSSIAN = str.maketrans(_SHIFTED + _KEYS, _RUSSIAN_SHIFTED + _RUSSIAN)
_TO_KAZAKH = str.maketrans(_SHIFTED + _KEYS, _KAZAKH_SHIFTED + _KAZAKH)


def typed_in_latin(text: str) -> str:
    """The same keys in the Latin layout; a text without Cyrillic letters as it is."""
    letters = _CYRILLIC.intersection(text)
    if not letters:
        return text
    return text.translate(_FROM_KAZAKH if letters & _ONLY_KAZAKH else _FROM_RUSSIAN)


def typed_in_cyrillic(text: str) -> tuple[str, str]:
    """The same keys in the Russian and in the Kazakh layout."""
    return text.translate(_TO_RUSSIAN), text.translate(_TO_KAZAKH)
