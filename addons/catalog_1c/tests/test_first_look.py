"""The first look: whole, safe and ours, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from addons.catalog_1c.adapters.first_look import look
from addons.catalog_1c.domain.records import Part
from addons.catalog_1c.tests.files import catalogue, classifier, document, goods, offers, written
from kernel.errors import Refusal


def refusal_of(path: Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        look(path)
    return caught.value


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((classifier(), catalogue(goods())), (Part.CLASSIFIER, Part.CATALOGUE)),
        ((classifier(),), (Part.CLASSIFIER,)),
        ((offers(),), (Part.OFFERS,)),
        ((offers(root="ИзмененияПакетаПредложений"),), (Part.OFFERS,)),
        ((classifier(), offers()), (Part.CLASSIFIER, Part.OFFERS)),
    ],
)
def test_role_comes_from_content_and_not_from_the_name(
    tmp_path: Path, parts: tuple[str, ...], found: tuple[Part, ...]
) -> None:
    card = look(written(tmp_path, document(*parts), name="offers0_1.xml"))

    assert card.parts == found


@pytest.mark.parametrize(
    "namespace", ["", ' xmlns="urn:1C.ru:commerceml_210"', ' xmlns="urn:1C.ru:commerceml 2"']
)
@pytest.mark.parametrize("version", ["", "2.021", "2.05", "2.08", "3.1"])
def test_any_namespace_and_version_of_the_second_vocabulary_passes(
    tmp_path: Path, namespace: str, version: str
) -> None:
    card = look(written(tmp_path, document(catalogue(goods()), namespace=namespace, version=version)))

    assert (card.parts, card.schema_version) == ((Part.CATALOGUE,), version)


def test_prefixed_elements_are_recognised(tmp_path: Path) -> None:
    text = (
        '<c:КоммерческаяИнформация xmlns:c="urn:1C.ru:commerceml_2"><c:Каталог/></c:КоммерческаяИнформация>'
    )

    assert look(written(tmp_path, text)).parts == (Part.CATALOGUE,)


@pytest.mark.parametrize(
    ("encoding", "declaration", "read_as"),
    [
        ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>', "utf-8"),
        ("utf-8", '<?xml version="1.0" encoding="utf-8"?>', "utf-8"),
        ("cp1251", '<?xml version="1.0" encoding="windows-1251"?>', "windows-1251"),
        ("cp1251", "<?xml version='1.0' encoding='cp1251'?>", "windows-1251"),
        ("utf-8", "", "utf-8"),
        ("cp1251", "", "windows-1251"),
        ("cp1251", '<?xml version="1.0"?>', "windows-1251"),
    ],
)
def test_encoding_is_declared_or_sniffed(
    tmp_path: Path, encoding: str, declaration: str, read_as: str
) -> None:
    card = look(written(tmp_path, document(catalogue(goods()), declaration=declaration), encoding=encoding))

    assert (card.encoding, card.parts) == (read_as, (Part.CATALOGUE,))


@pytest.mark.parametrize("cut", [10, 60, 200, -1, -30])
def test_cut_file_is_refused_as_cut(tmp_path: Path, cut: int) -> None:
    data = document(catalogue(*(goods(f"g{n}") for n in range(5)))).encode()
    path = tmp_path / "import.xml"
    path.write_bytes(data[:cut])

    assert refusal_of(path).code == "C1C_XML_CUT"


def test_file_cut_far_behind_its_head_is_refused_with_its_place(tmp_path: Path) -> None:
    rows = "\n".join(goods(f"g{n}") for n in range(5000))
    data = document(catalogue(rows)).encode()
    path = tmp_path / "import.xml"
    path.write_bytes(data[: len(data) * 3 // 4])

    refusal = refusal_of(path)

    assert refusal.code == "C1C_XML_CUT"
    assert isinstance(refusal.facts["line"], int)
    assert refusal.facts["line"] > 3000


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize("doctype", [DOCTYPE, BOMB, OUTSIDE])
def test_doctype_of_any_kind_is_refused(tmp_path: Path, doctype: str) -> None:
    text = document(catalogue(goods()), declaration=f'<?xml version="1.0"?>{doctype}')

    assert refusal_of(written(tmp_path, text, encoding="utf-8")).code == "C1C_XML_DOCTYPE"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "C1C_FILE_EMPTY"),
        (b"\x00" * 2000, "C1C_FILE_EMPTY"),
        (b" \r\n", "C1C_FILE_EMPTY"),
        (b"PK\x03\x04 and so on", "C1C_FILE_IS_ARCHIVE"),
        (b"\x1f\x8b\x08", "C1C_FILE_IS_ARCHIVE"),
        (bytes(range(256)) * 40, "C1C_XML_BROKEN"),
        (b'{"goods": []}', "C1C_XML_BROKEN"),
        (b"\xff\xfe<\x00?\x00x\x00", "C1C_ENCODING_UNKNOWN"),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', "C1C_ENCODING_UNKNOWN"),
        (b"<html><body>404</body></html>", "C1C_NOT_COMMERCEML"),
    ],
)
def test_garbage_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "import.xml"
    path.write_bytes(data)

    assert refusal_of(path).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<КоммерческаяИнформация ВерсияСхемы="1.05"><Каталог/></КоммерческаяИнформация>', "C1C_VERSION_1"),
        ('<КоммерческаяИнформация><Каталог Идентификатор="1"/></КоммерческаяИнформация>', "C1C_VERSION_1"),
        ('<КоммерческаяИнформация ВерсияСхемы="4.02"/>', "C1C_EDI_PACKAGE"),
        ('<Файл xmlns="http://v8.1c.ru/edi/edi_stnd/100"/>', "C1C_EDI_PACKAGE"),
        ("<КоммерческаяИнформация><Документ/></КоммерческаяИнформация>", "C1C_NOTHING_TO_IMPORT"),
        ("<КоммерческаяИнформация><Каталоги/></КоммерческаяИнформация>", "C1C_NOTHING_TO_IMPORT"),
        ("<КоммерческаяИнформация><Каталог></КоммерческаяИнформация>", "C1C_XML_BROKEN"),
        ("<КоммерческаяИнформация><Каталог/>&nbsp;</КоммерческаяИнформация>", "C1C_XML_BROKEN"),
    ],
)
def test_other_vocabularies_are_refused_by_name(tmp_path: Path, text: str, code: str) -> None:
    assert refusal_of(written(tmp_path, text)).code == code


def test_declared_utf8_that_is_not_is_refused(tmp_path: Path) -> None:
    assert (
        refusal_of(written(tmp_path, document(catalogue(goods())), encoding="cp1251")).code
        == "C1C_XML_BROKEN"
    )


def test_absent_file_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "none.xml").code == "C1C_FILE_UNREADABLE"
