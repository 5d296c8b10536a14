"""The programs that people export tables from, each with the notation of its country."""

from dataclasses import dataclass

from tests.tables.people.notation import Notation

NBSP, NARROW = "\u00a0", "\u202f"


@dataclass(frozen=True, slots=True)
class Export:
    """A program's way to write a table.

    ``truths`` are its pairs of yes and no, ``missing`` its marks for no value, ``codes`` whether ratings and flags come
    as digits. ``first_line`` stands above everything, such as Excel's ``sep=;``. ``index`` is the header of a first
    column of running numbers, where the program adds one.
    """

    name: str
    language: str
    delimiter: str
    encoding: str
    notation: Notation
    truths: tuple[tuple[str, str], ...]
    missing: tuple[str, ...] = ("",)
    newline: str = "\r\n"
    quote_all: bool = False
    quote_texts: bool = False
    first_line: str = ""
    index: str | None = None
    titles: bool = False
    trailing: bool = False


ES = Notation(",", ".", "{} €", "{}%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {H}:{MM}", language="es")
ES_PLAIN = Notation(",", "", "{} €", "{} %", "{d}/{m}/{Y}", "{d}/{m}/{Y} {H}:{MM}:{SS}", language="es")
PE = Notation(".", ",", "S/ {}", "{}%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {hh}:{MM}:{SS} {medio}", language="es")
MX = Notation(".", ",", "${}", "{}%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {HH}:{MM}", language="es")
AR = Notation(",", ".", "$ {}", "{}%", "{dd}-{mm}-{Y}", "{dd}-{mm}-{Y} {HH}:{MM}", language="es")
BR = Notation(",", ".", "R$ {}", "{}%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {HH}:{MM}:{SS}", language="pt")
PT = Notation(",", NBSP, "{}" + NBSP + "€", "{}%", "{dd}-{mm}-{Y}", "{dd}-{mm}-{Y} {HH}:{MM}", language="pt")
DE = Notation(",", ".", "{} €", "{} %", "{dd}.{mm}.{Y}", "{dd}.{mm}.{Y} {HH}:{MM}", language="de")
CH = Notation(".", "'", "CHF {}", "{}%", "{dd}.{mm}.{Y}", "{dd}.{mm}.{Y} {HH}:{MM}", language="de")
FR = Notation(
    ",", NBSP, "{}" + NBSP + "€", "{}" + NBSP + "%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {HH}:{MM}", language="fr"
)
FR_NARROW = Notation(
    ",", NARROW, "{}" + NBSP + "€", "{}" + NARROW + "%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {HH}:{MM}", language="fr"
)
US = Notation(".", ",", "${}", "{}%", "{m}/{d}/{Y}", "{m}/{d}/{Y} {h}:{MM} {half}")
US_BOOKS = Notation(".", ",", "${}", "{}%", "{mm}/{dd}/{yy}", "{mm}/{dd}/{yy} {HH}:{MM}", minus="({})")
UK = Notation(".", ",", "£{}", "{}%", "{dd}/{mm}/{Y}", "{dd}/{mm}/{Y} {HH}:{MM}")
SAP = Notation(",", ".", "{} EUR", "{}", "{dd}.{mm}.{Y}", "{dd}.{mm}.{Y} {HH}:{MM}:{SS}", minus="{}-", language="de")
ISO = Notation()
ISO_T = Notation(moment="{Y}-{mm}-{dd}T{HH}:{MM}:{SS}")
SQL_SERVER = Notation(date="{Y}-{mm}-{dd} 00:00:00.000", moment="{Y}-{mm}-{dd} {HH}:{MM}:{SS}.000")
COMMA_ISO = Notation(",", "", "{}", "{}", language="es")
ES_ISO = Notation(",", ".", "{}", "{}", language="es")
EN_MONTHS = Notation(".", ",", "USD {}", "{} %", "{dd}-{mon}-{Y}", "{dd}-{mon}-{Y} {HH}:{MM}")
ES_SHORT = Notation(",", ".", "{} €", "{}%", "{dd}/{mm}/{yy}", "{dd}/{mm}/{yy} {HH}:{MM}", language="es")
PE_YEAR_FIRST = Notation(".", ",", "S/. {}", "{} %", "{Y}/{mm}/{dd}", "{Y}/{mm}/{dd} {HH}:{MM}:{SS}", language="es")

EXPORTS = (
    Export("excel_es", "es", ";", "cp1252", ES, (("Sí", "No"), ("VERDADERO", "FALSO")), ("", "#N/D", "-")),
    Export("excel_es_utf8", "es", ";", "utf-8-sig", ES_PLAIN, (("SI", "NO"), ("S", "N")), ("",)),
    Export("excel_pe", "es", ",", "utf-8-sig", PE, (("Sí", "No"), ("SI", "NO")), ("", "-", "N/A")),
    Export("excel_mx", "es", ",", "cp1252", MX, (("si", "no"), ("VERDADERO", "FALSO")), ("", "#N/D")),
    Export("excel_ar", "es", ";", "cp1252", AR, (("Sí", "No"), ("V", "F")), ("", "s/d", "-")),
    Export("excel_br", "pt", ";", "cp1252", BR, (("Sim", "Não"), ("VERDADEIRO", "FALSO")), ("", "#N/D", "-")),
    Export("excel_pt", "pt", ";", "utf-8-sig", PT, (("Sim", "Não"), ("S", "N")), ("", "n.d.")),
    Export("excel_de", "de", ";", "cp1252", DE, (("Ja", "Nein"), ("WAHR", "FALSCH")), ("", "#NV", "-")),
    Export("excel_ch", "de", ";", "utf-8-sig", CH, (("ja", "nein"), ("J", "N")), ("", "k.A.")),
    Export("excel_fr", "fr", ";", "cp1252", FR, (("Oui", "Non"), ("VRAI", "FAUX")), ("", "#N/A", "n.d.")),
    Export("web_fr", "fr", ";", "utf-8", FR_NARROW, (("oui", "non"), ("O", "N")), ("", "-"), "\n"),
    Export("excel_us", "en", ",", "cp1252", US, (("Yes", "No"), ("TRUE", "FALSE")), ("", "#N/A", "N/A")),
    Export("books_us", "en", ",", "utf-8-sig", US_BOOKS, (("Y", "N"), ("Yes", "No")), ("", "-", "--")),
    Export("excel_uk", "en", ",", "utf-8", UK, (("YES", "NO"), ("yes", "no")), ("", "n/a")),
    Export("sheets", "en", ",", "utf-8", US, (("TRUE", "FALSE"), ("Yes", "No")), ("", "#N/A"), "\r\n"),
    Export("sap", "de", "\t", "utf-16", SAP, (("Ja", "Nein"), ("J", "N")), ("",), titles=True),
    Export("sql_server", "en", ",", "utf-16", SQL_SERVER, (("1", "0"), ("True", "False")), ("NULL",)),
    Export("bulk_copy", "en", "\t", "utf-16-le", SQL_SERVER, (("1", "0"), ("True", "False")), ("NULL", "")),
    Export("mysql", "es", "\t", "utf-8", ISO, (("1", "0"), ("si", "no")), ("NULL", "\\N"), "\n"),
    Export("postgres", "en", ",", "utf-8", ISO, (("t", "f"), ("true", "false")), ("",), "\n"),
    Export("libreoffice", "es", ",", "utf-8", ES_PLAIN, (("Sí", "No"), ("VERDADERO", "FALSO")), ("",), "\n", True),
    Export("portal_es", "es", ";", "cp1252", ES, (("Sí", "No"), ("S", "N")), ("", "..", "s/d"), titles=True),
    Export("portal_pe", "es", "|", "utf-8", PE_YEAR_FIRST, (("SI", "NO"), ("1", "0")), ("", "s.d.", "-"), titles=True),
    Export("portal_br", "pt", ";", "cp1252", BR, (("SIM", "NÃO"), ("S", "N")), ("", "-", "N/A"), trailing=True),
    Export("portal_es_sep", "es", ";", "utf-8-sig", ES_SHORT, (("Sí", "No"),), ("", "ND"), first_line="sep=;"),
    Export("pandas", "en", ",", "utf-8", ISO, (("True", "False"),), ("", "nan"), "\n", index=""),
    Export("pandas_named", "es", ",", "utf-8", ISO_T, (("True", "False"), ("si", "no")), ("", "NaT"), "\n"),
    Export("r_csv2", "es", ";", "utf-8", COMMA_ISO, (("TRUE", "FALSE"), ("Si", "No")), ("NA",), "\n", quote_texts=True),
    Export("r_csv", "en", ",", "utf-8", ISO, (("TRUE", "FALSE"),), ("NA",), "\n", quote_texts=True, index=""),
    Export("odoo", "es", ",", "utf-8", ES_ISO, (("Verdadero", "Falso"), ("Sí", "No")), ("",), "\n", True),
    Export("oracle", "en", ";", "cp1252", EN_MONTHS, (("Y", "N"), ("yes", "no")), ("", "(null)")),
)
