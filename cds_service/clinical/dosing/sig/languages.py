"""How often a drug is taken, in other languages than English and German, put into English: "une fois par semaine".

Only words of rhythm, time and count; a table is used where one of its language's own words stands in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Words = str | Callable[[re.Match[str]], str]
_pattern = cache(re.compile)  # used when a language is first met: most processes meet one or none


@dataclass(frozen=True, slots=True)
class _Language:
    """``shows`` is a word that only this language has; ``words`` are tried in their order."""

    shows: re.Pattern[str]
    words: tuple[tuple[str, Words], ...]


def _language(shows: str, days: tuple[str, ...], numbers: str, words: Mapping[str, Words]) -> _Language:
    """``days`` from Monday on, ``numbers`` from one to ten, as patterns."""
    told = {rf"\b(?:{one})\b": str(value) for value, one in enumerate(numbers.split(), start=1)}
    named = {rf"\b(?:{day})\b": f"on {english}" for day, english in zip(days, _DAYS, strict=False)}
    table = {**words, **named, **told}
    return _Language(re.compile(shows), tuple(table.items()))


def _every(unit: str) -> Words:
    return lambda found: f"every {found[1]} {unit}"


def _for(unit: str) -> Words:
    return lambda found: f"for {found[1]} {unit}"


_FRENCH = _language(
    r"\bjours?\b|/ ?j\b|\bsem(?:aines?)?\b|quotidien|hebdomadaire|\bbesoin\b|nécessaire"
    r"|\b(?:lun|mar|mercre|jeu|vendre|same)dis?\b|\bdimanches?\b|\b(?:fois|heures|matin|soir)\b",
    tuple(
        rf"(?:(?:tous )?les |chaque |le )?{day}s?"
        for day in ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    ),
    "une? deux trois quatre cinq six sept huit neuf dix",
    {
        r"\b(?:si|au|en cas de) (?:besoin|nécessaire|nécessité|douleurs?)\b": "as needed",
        r"\b(?:prendre|prenez|prise|prises)\b": "take",
        r"\b(?:ne (?:jamais|pas)|jamais|pas)\b": "not",
        r"\b(?:un jour sur deux|1 jour sur 2|tous les (?:2|deux) jours)\b": "every other day",
        r"\btous les (\d+) jours\b": _every("days"),
        r"\btoutes les (\d+) (?:semaines|sem)\b": _every("weeks"),
        r"\btoutes les deux semaines\b": "every 2 weeks",
        r"\btoutes les (\d+) (?:heures|h)\b": _every("hours"),
        r"\b(\d+) jours (?:par|sur la) semaine\b": r"\1 days per week",
        r"\b(?:(?:par|chaque) jour|tous les jours|quotidien(?:ne)?(?:ment)?)\b|/ ?j(?:our)?\b": " daily",
        r"\b(?:(?:par|chaque) semaine|toutes les semaines|hebdomadaire(?:ment)?)\b|/ ?sem(?:aine)?\b": " weekly",
        r"\b(?:par|chaque) mois\b|\btous les mois\b|\bmensuel(?:le)?(?:ment)?\b": "monthly",
        r"\b(?:le |chaque |tous les )?matins? et (?:le )?(?:soir|coucher)\b": "in the morning and in the evening",
        r"\b(?:le |chaque |tous les )?matins?\b": "in the morning",
        r"\b(?:à |le )?midi\b": "at noon",
        r"\b(?:le |chaque |tous les )?soirs?\b": "in the evening",
        r"\bau coucher\b": "at bedtime",
        r"\bpendant (\d+) (?:jours|j)\b": _for("days"),
        r"\bpendant (\d+) semaines?\b": _for("weeks"),
        r"\bpendant (\d+) mois\b": _for("months"),
        r"\b(?:puis|ensuite)\b": "then",
        r"\bet\b": "and",
        r"\bfois\b": "times",
        r"\b(?:comprimés?|cp|cps|cpr)\b": "tablets",
        r"\bgélules?\b": "capsules",
    },
)  # fmt: skip
_SPANISH = _language(
    r"\bd[ií]as?\b|diari[oa]|\bsemanas?\b|semanal|\bnecesari[oa]\b|\bprecisa\b|\bdemanda\b|\bveces\b|\bvez\b"
    r"|\b(?:lunes|martes|mi[ée]rcoles|jueves|viernes)\b|\bcada \d+ horas\b",
    tuple(
        rf"(?:(?:todos )?los |cada |el )?{day}"
        for day in ("lunes", "martes", "mi[ée]rcoles", "jueves", "viernes", "s[áa]bados?", "domingos?")
    ),
    "una?|uno dos tres cuatro cinco seis siete ocho nueve diez",
    {
        r"\b(?:si (?:es )?(?:necesario|precisa)|a demanda|seg[úu]n necesidad|en caso de (?:dolor|necesidad))\b":
            "as needed",
        r"\b(?:tomar|tome|toma)\b": "take",
        r"\b(?:nunca|no)\b": "not",
        r"\b(?:en )?d[ií]as alternos\b|\bcada (?:2|dos) d[ií]as\b": "every other day",
        r"\bcada (\d+) d[ií]as\b": _every("days"),
        r"\bcada (\d+) semanas\b": _every("weeks"),
        r"\bcada dos semanas\b": "every 2 weeks",
        r"\bcada (\d+) (?:horas|h)\b": _every("hours"),
        r"\b(\d+) d[ií]as (?:a la|por) semana\b": r"\1 days per week",
        r"\b(?:al|por|cada) d[ií]a\b|\btodos los d[ií]as\b|\bdiari(?:o|a|amente)\b|/ ?d[ií]a\b": " daily",
        r"\b(?:a la|por|cada) semana\b|\btodas las semanas\b|\bsemanal(?:mente)?\b|/ ?semana\b": " weekly",
        r"\b(?:al|por|cada) mes\b|\bmensual(?:mente)?\b": "monthly",
        r"\b(?:por|cada|en) la mañana\b|\bcada mañana\b": "in the morning",
        r"\b(?:al|a) mediod[ií]a\b": "at noon",
        r"\b(?:por|en) la (?:noche|tarde)\b|\bcada noche\b": "in the evening",
        r"\bal acostarse\b": "at bedtime",
        r"\bdurante (\d+) d[ií]as\b": _for("days"),
        r"\bdurante (\d+) semanas?\b": _for("weeks"),
        r"\bdurante (\d+) mes(?:es)?\b": _for("months"),
        r"\bluego\b": "then",
        r"\by\b": "and",
        r"\b(?:vez|veces)\b": "times",
        r"\b(?:comprimidos?|tabletas?)\b": "tablets",
        r"\bc[áa]psulas?\b": "capsules",
    },
)  # fmt: skip
_ITALIAN = _language(
    r"\bgiorn[oi]\b|giornalier|quotidian|/ ?die\b|\bal d[iì]\b|settiman|\bbisogno\b|\bvolt[ae]\b"
    r"|\b(?:lune|marte|mercole|giove|vener)d[iì]\b|\bogni \d+ ore\b",
    tuple(
        rf"(?:tutti i |tutte le |ogni |il |la |di )?{day}"
        for day in ("luned[iì]", "marted[iì]", "mercoled[iì]", "gioved[iì]", "venerd[iì]", "sabat[oi]", "domenic[ah]e?")
    ),
    "una?|uno due tre quattro cinque sei sette otto nove dieci",
    {
        r"\b(?:al bisogno|se (?:necessario|occorre)|in caso di (?:bisogno|dolore))\b": "as needed",
        r"\b(?:prendere|assumere|assuma|prenda)\b": "take",
        r"\b(?:mai|non)\b": "not",
        r"\ba giorni alterni\b|\bogni (?:2|due) giorni\b": "every other day",
        r"\bogni (\d+) giorni\b": _every("days"),
        r"\bogni (\d+) settimane\b": _every("weeks"),
        r"\bogni due settimane\b": "every 2 weeks",
        r"\bogni (\d+) ore\b": _every("hours"),
        r"\b(\d+) giorni (?:a|alla|per) settimana\b": r"\1 days per week",
        r"\b(?:al|per|ogni) giorno\b|\bal d[iì]\b|\btutti i giorni\b|/ ?(?:die|giorno)\b": " daily",
        r"\b(?:giornalier[oa]|quotidian[oa])(?:mente)?\b": "daily",
        r"\b(?:a|alla|per|ogni) settimana\b|\btutte le settimane\b|\bsettimanal(?:e|mente)\b|/ ?settimana\b": " weekly",
        r"\b(?:al|ogni) mese\b|\bmensil(?:e|mente)\b": "monthly",
        r"\b(?:al|ogni) mattino\b|\b(?:la|ogni) mattina\b": "in the morning",
        r"\ba mezzogiorno\b": "at noon",
        r"\b(?:la|alla|ogni) sera\b": "in the evening",
        r"\bprima di dormire\b": "at bedtime",
        r"\bper (\d+) giorni\b": _for("days"),
        r"\bper (\d+) settiman[ae]\b": _for("weeks"),
        r"\bper (\d+) mes[ei]\b": _for("months"),
        r"\b(?:poi|quindi)\b": "then",
        r"\be\b": "and",
        r"\bvolt[ae]\b": "times",
        r"\b(?:compress[ae]|cpr)\b": "tablets",
        r"\bcapsul[ae]\b": "capsules",
    },
)  # fmt: skip
_PORTUGUESE = _language(
    r"\bao dia\b|\btodos os dias\b|\b(?:uma|duas|vezes|não|necessário|todas? as?)\b|-feiras?\b|diári[oa]"
    r"|\bem \d+ (?:horas|dias)\b",
    tuple(
        rf"(?:todas as |todos os |às |aos |à |ao |na |no )?{day}"
        for day in (
            "segundas?-feiras?", "terças?-feiras?", "quartas?-feiras?", "quintas?-feiras?", "sextas?-feiras?",
            "s[áa]bados?", "domingos?",
        )
    ),
    "uma? dois|duas três quatro cinco seis sete oito nove dez",
    {
        r"\b(?:se (?:for )?necess[áa]rio|em caso de (?:dor|necessidade))\b": "as needed",
        r"\b(?:tomar|tome)\b": "take",
        r"\b(?:nunca|não)\b": "not",
        r"\b(?:em )?dias alternados\b|\bdia sim,? dia não\b": "every other day",
        r"\bde (\d+) em \1 dias\b|\ba cada (\d+) dias\b": lambda m: f"every {m[1] or m[2]} days",
        r"\bde (\d+) em \1 horas\b|\b(?:a )?cada (\d+) horas\b": lambda m: f"every {m[1] or m[2]} hours",
        r"\ba cada (\d+) semanas\b": _every("weeks"),
        r"\b(\d+) dias por semana\b": r"\1 days per week",
        r"\b(?:ao|por|cada) dia\b|\btodos os dias\b|\bdi[áa]ri(?:o|a|amente)\b|/ ?dia\b": " daily",
        r"\b(?:por|cada|à) semana\b|\btodas? (?:as )?semanas?\b|\bsemanal(?:mente)?\b|/ ?semana\b": " weekly",
        r"\b(?:ao|por|cada) mês\b|\bmensal(?:mente)?\b": "monthly",
        r"\b(?:de|pela) manhã\b": "in the morning",
        r"\bà noite\b": "in the evening",
        r"\bao deitar\b": "at bedtime",
        r"\b(?:durante|por) (\d+) dias\b": _for("days"),
        r"\b(?:durante|por) (\d+) semanas\b": _for("weeks"),
        r"\b(?:depois|em seguida)\b": "then",
        r"\be\b": "and",
        r"\bvez(?:es)?\b": "times",
        r"\bcomprimidos?\b": "tablets",
        r"\bcápsulas?\b": "capsules",
    },
)  # fmt: skip
_DUTCH = _language(
    r"daags|dagelijks|\b(?:per|elke|iedere|de) dag\b|\bwekelijks\b|\b(?:elke|iedere) week\b|\bnodig\b"
    r"|\b\d ?dd\b|\b(?:maal|keer)\b|\b(?:maan|dins|woens|donder|vrij|zater|zon)dag",
    tuple(
        rf"(?:elke |iedere |op )?{day}(?:s|en)?"
        for day in ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
    ),
    "een|één|eens twee drie vier vijf zes zeven acht negen tien",
    {
        r"\b(?:zo|indien) nodig\b|\bbij pijn\b": "as needed",
        r"\b(?:innemen|neem|nemen)\b": "take",
        r"\b(?:nooit|niet)\b": "not",
        r"\bom de (?:andere )?dag\b": "every other day",
        r"\b(?:elke|iedere|om de) (\d+) dagen\b": _every("days"),
        r"\b(?:elke|iedere|om de) (\d+) weken\b": _every("weeks"),
        r"\b(?:elke|iedere|om de) (\d+) uur\b": _every("hours"),
        r"\b(\d+) dagen per week\b": r"\1 days per week",
        r"\b(\d) ?dd ?(\d)\b(?! ?m?g\b)": r"\2 tablets \1 times daily",
        r"\b(\d) ?dd\b": r"\1 times daily",
        r"\b(?:één|een)maal\b": "1 times",
        r"\btweemaal\b": "2 times",
        r"\bdriemaal\b": "3 times",
        r"(?<=\d)x? ?(?:maal|keer)\b": " times",
        r"\b(?:maal|keer)\b": "times",
        r"\b(?:per|elke|iedere) dag\b|\bdaags\b|\bdagelijkse?\b|/ ?dag\b": " daily",
        r"\b(?:per|elke|iedere) week\b|\bwekelijkse?\b": " weekly",
        r"\b(?:per|elke|iedere) maand\b|\bmaandelijks\b": "monthly",
        r"(?:'s|’s|\bs) (?:ochtends|morgens)\b": "in the morning",
        r"(?:'s|’s|\bs) middags\b": "at noon",
        r"(?:'s|’s|\bs) avonds\b": "in the evening",
        r"\bvoor (?:de nacht|het slapen)\b": "at bedtime",
        r"\bgedurende (\d+) dagen\b": _for("days"),
        r"\bgedurende (\d+) weken\b": _for("weeks"),
        r"\b(?:daarna|vervolgens)\b": "then",
        r"\ben\b": "and",
        r"\btabletten\b": "tablets",
    },
)  # fmt: skip
_SCANDINAVIAN = _language(
    r"daglig|\b(?:om|i) dagen\b|\bdygn|\bdøgn|\bvarje\b|\bvarannan\b|\bhver(?:t|en)?\b|\bveckan?\b|\buken?\b"
    r"|\bugen?\b|\bbehov\b|ugentlig|ukentlig|\bg[åa]ng(?:er|e)?\b|\b(?:mån|man|tis|tirs|ons|tors|fre|lör|lør|sön|søn)dag",
    tuple(
        rf"(?:på |om |varje |hver )?{day}(?:ar|er|e|s)?"
        for day in ("m[åa]ndag", "ti(?:s|rs)dag", "onsdag", "torsdag", "fredag", "l[öø]rdag", "s[öø]ndag")
    ),
    "en|én|ett|et två|to tre fyra|fire fem sex|seks sju|syv åtta|åtte|otte nio|ni tio|ti",
    {
        r"\b(?:vid|ved|efter|etter) behov\b": "as needed",
        r"\b(?:aldrig|aldri|inte|ikke)\b": "not",
        r"\b(?:varannan|hver anden|annenhver|hver andre) (?:dag|dygn|døgn)\b": "every other day",
        r"\b(?:varannan|hver anden|annenhver) (?:vecka|uge|uke)\b": "every 2 weeks",
        r"\b(?:dagligen|dagligt?|daglige)\b": " daily",
        r"\b(?:om|per|i|pr\.?|varje|hver|hvert) ?(?:dagen?|dygnet|dygn|døgnet|døgn)\b": " daily",
        r"\b(?:om|per|i|pr\.?|varje|hver) ?(?:veckan?|ugen?|uken?)\b|\bugentligt?\b|\bukentlig\b": " weekly",
        r"\b(?:på|om) morgon?en\b": "in the morning",
        r"\b(?:på|om|till) kvällen\b|\bom aftenen\b|\bom kvelden\b": "in the evening",
        r"\bi (\d+) (?:dagar|dage|dager)\b": _for("days"),
        r"\bi (\d+) (?:veckor|uger|uker)\b": _for("weeks"),
        r"\b(?:sedan|derefter|deretter)\b": "then",
        r"\b(?:och|og)\b": "and",
        r"\bg[åa]ng(?:er|e)?\b": "times",
        r"\btabletter\b": "tablets",
    },
)  # fmt: skip
_POLISH = _language(
    r"codziennie|dziennie|na dobę|tygodni|tydzień|w razie|\brazy?\b",
    (
        "(?:w )?poniedział(?:ek|ki)", "(?:we )?wtor(?:ek|ki)", "(?:w )?środ[aęy]", "(?:w )?czwart(?:ek|ki)",
        "(?:w )?piąt(?:ek|ki)", "(?:w )?sobot[aęy]", "(?:w )?niedziel[aęe]",
    ),
    "jeden|jedną|jedna dwa|dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    {
        r"\bw razie (?:potrzeby|bólu)\b": "as needed",
        r"\bnie\b": "not",
        r"\bco drugi dzień\b": "every other day",
        r"\bco (\d+) dni\b": _every("days"),
        r"\bco (\d+) godzin\b": _every("hours"),
        r"(?<!\d )(?<!\w )\braz (?:dziennie|na dobę)\b": "1 times daily",
        r"\b(?:codziennie|dziennie|na dobę|każdego dnia)\b": " daily",
        r"\b(?:w tygodniu|na tydzień|tygodniowo|co tydzień|raz na tydzień)\b": " weekly",
        r"\brazy\b": "times",
        r"\braz\b": "1 times",
        r"\btablet(?:ki|kę|ka|ek)\b": "tablets",
    },
)  # fmt: skip
_LATIN = _language(
    r"\b(?:quotidie|omni die|mane|nocte|vespere)\b",
    (),
    "",
    {
        r"\bmane (?:et|and|&) (?:nocte|vespere)\b": "every morning and evening",
        r"\b(?:quotidie|omni die)\b": "daily",
        r"\bmane\b": "every morning",
        r"\b(?:nocte|vespere)\b": "every evening",
    },
)
# Portuguese before Spanish, which shares "vez", "dia" and "semana" with it.
_LANGUAGES = (_FRENCH, _PORTUGUESE, _SPANISH, _ITALIAN, _DUTCH, _SCANDINAVIAN, _POLISH, _LATIN)
_SPAN = re.compile(r"\bon (\w+day) (?:au|al|a|à|até|tot|t/m|till?|do) (?:on )?(\w+day)")
_LETTER = re.compile(r"[^\W\d_]")


def in_english(plain: str) -> str:
    """The text, in lower case, with the words of the first language that shows in it put into English."""
    spoken = next((each for each in _LANGUAGES if each.shows.search(plain)), None)
    for said, english in spoken.words if spoken else ():
        plain = _pattern(said).sub(english, plain)
    return _SPAN.sub(r"\1 to \2", plain) if spoken else plain


def is_in_another_script(text: str) -> bool:
    """Whether its words are written in letters that are not read here, such as Cyrillic ones."""
    letters = _LETTER.findall(text)
    latin = sum(unicodedata.name(each, "").startswith("LATIN") for each in letters)
    return bool(letters) and latin * 2 < len(letters)
