"""Digits that are codes and no quantities: postal codes, telephones, documents, cards."""

import re

from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.table_conventions import name_words

LONG_CODE = 15
"""Digits of the longest whole number that a double holds exactly whatever its digits are."""

MOSTLY_DIGITS = 0.5

PADDED = 0.05
"""Share of the cells that begin with a zero from which the digits are codes; fewer are mistakes."""

TELEPHONE = re.compile(r"\+?[0-9 ()-]*")
TELEPHONE_DIGITS = 9
"""Digits of a telephone number that is written in groups, or behind a plus sign."""

CODE_WORDS = {
    *("zip", "zipcode", "postal", "postcode", "cp", "plz", "cep", "tel", "telefono", "telefone", "phone", "telephone"),
    *("telefon", "movil", "celular", "mobile", "fax", "dni", "ruc", "nif", "cif", "nie", "cedula", "cpf", "cnpj"),
    *("rut", "ssn", "ean", "isbn", "iban"),
}
"""Words in the names of columns whose digits are codes."""


def why_codes(texts: ColumnTexts) -> str | None:
    """Why the digits of a column are codes; None if they are not."""
    if not texts.counts:
        return None
    digits = [text for text in texts.counts if text.isdecimal()]
    padded = [text for text in digits if len(text) > 1 and text.startswith("0")]
    lengths = {len(text) for text in digits}
    are_digits = texts.cells_with(digits) >= MOSTLY_DIGITS * texts.filled
    if padded and are_digits and (len(lengths) == 1 or texts.cells_with(padded) > PADDED * texts.filled):
        return "codes with leading zeros"
    if len(digits) == len(texts.counts) and max(lengths) > LONG_CODE:
        return f"codes of more than {LONG_CODE} digits"
    if len(digits) == len(texts.counts) and not CODE_WORDS.isdisjoint(name_words(texts.name)):
        return "codes, by the name of the column"
    if all(map(_is_telephone, texts.counts)):
        return "codes in groups of digits, as telephone numbers are"
    return None


def _is_telephone(text: str) -> bool:
    """Whether the digits are in groups, with as many as a telephone number has, or follow a plus sign."""
    digits = sum(map(str.isdigit, text))
    is_grouped = " " in text and digits == TELEPHONE_DIGITS
    is_international = text.startswith("+") and digits >= TELEPHONE_DIGITS
    return (is_grouped or is_international) and TELEPHONE.fullmatch(text) is not None
