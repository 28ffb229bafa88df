"""The words that take back, date or lend to somebody else what a problem's text names."""

from __future__ import annotations

import re
from enum import Enum, auto

from cds_service.clinical.words import Phrases


class Cue(Enum):
    """What a cue says, and of which names: those after it, the one before it, or the one it touches."""

    NOTHING = auto()  # keeps the words in it from being another cue: "not controlled"
    NOT_AFTER = auto()  # "without sepsis"
    NOT_TOUCHING = auto()  # "non-pregnant", "screening: hepatitis B"
    NOT_BEFORE = auto()  # "sepsis ruled out"; before a name of its own it speaks of that
    NOT_TESTED = auto()  # "pregnancy test negative", "negative pregnancy test"
    NOT_AS_ADDED = auto()  # "cancer screening": what it touches is only looked for or feared
    FAMILY = auto()  # "mother: breast cancer"
    FAMILY_TOUCHING = auto()  # "breast cancer in mother"
    HISTORY = auto()  # "history of sepsis"; of what lasts for life it says that it is there
    PAST_AFTER = auto()  # "status post sepsis"
    PAST_NEAR = auto()  # "old stroke", "past stroke"; not "past three days", not "previous rituximab for"
    PAST_BEFORE = auto()  # "sepsis resolved"; before a name of its own it speaks of that
    PAST_TOUCHING = auto()  # "smoking history", "cancer survivor"; before a name as HISTORY
    REMISSION = auto()  # of what has a name of its own once it is over, and of nothing else


_LISTED = {
    Cue.NOTHING: """
        not controlled | not well controlled | not adequately controlled | not fully controlled | not
        resolved | not yet resolved | not fully resolved | not completely resolved | not in remission | not
        yet in remission | never in remission | no longer in remission | no longer controlled | not treated
        | not yet treated | never treated | not responding | not improving | not improved | not healed | not
        yet healed | not otherwise specified | not elsewhere classified | not specified | not ruled out |
        not yet ruled out | not been ruled out | not excluded | not yet excluded | not been excluded |
        cannot be ruled out | cannot be excluded | can not be ruled out | can not be excluded | could not be
        excluded | could not be ruled out | cant be excluded | cant be ruled out | to be ruled out | to be
        excluded | must be ruled out | must be excluded | not only | not unlikely | not absent | not
        negative | never resolved | no improvement | no significant improvement | no response | no change |
        no significant change | no resolution | no relief | no recovery | no cause | no known cause | no
        clear cause | no treatment | no therapy | no antiviral | no antivirals | no anticoagulation |
        without improvement | without treatment | without therapy | without response | without resolution |
        without change | without antiviral | without anticoagulation | prior to | tested positive for |
        nicht kontrolliert | nicht kontrollierte | nicht eingestellt | nicht eingestellte | nicht
        ausgeschlossen | nicht auszuschliessen | nicht naher bezeichnet | nicht naher bezeichnete | zum
        ausschluss | history of present illness | natural history | no doubt | without doubt | no change in
        | immune mediated | immune related | immune complex | immune deficiency | risk category""",
    Cue.NOT_AFTER: """
        no | not | nil | without | never | negative for | no evidence of | no history of | negative history
        of | no known | absence of | free of | free from | clear of | lack of | screening for | screen for |
        screened for | test for | tests for | tested for | testing for | risk of | risk for | at risk | at
        high risk | at increased risk | at low risk | risk factor for | risk factors for | exposure to |
        exposed to | contact with | prevention of | to prevent | preventing | protection from | protection
        against | avoid | avoiding | avoidance of | susceptibility to | predisposition to | immunity to |
        immune to | wish for | wishes for | wishing for | desire for | desires | desiring | desirous of |
        hoping for | trying for | fear of | wishes pregnancy | planning pregnancy | planning a pregnancy |
        planning for pregnancy | plans pregnancy | plan for pregnancy | attempting pregnancy | wants
        pregnancy | wanting pregnancy | seeking pregnancy | considering pregnancy | contemplating pregnancy
        | counselling for | counseling for | education about | education on | wife | husband | partner |
        spouse | girlfriend | boyfriend | passive | secondhand | second hand | kein | keine | keinen |
        keiner | keinerlei | ohne | nicht | ausschluss von | ausschluss einer | ausschluss eines | wunsch
        nach | impfung gegen | risiko fur | vaccine for | vaccine against | vaccine of | vaccination for |
        vaccination against | vaccination of | vaccinations for | vaccinations against | vaccinations of |
        vaccines for | vaccines against | vaccines of | vaccinated for | vaccinated against | vaccinated of
        | immunization for | immunization against | immunization of | immunizations for | immunizations
        against | immunizations of | immunisation for | immunisation against | immunisation of |
        immunisations for | immunisations against | immunisations of | immunized for | immunized against |
        immunized of | immunised for | immunised against | immunised of | prophylaxis for | prophylaxis
        against | prophylaxis of | denies | denied | denying | vaccination status for | to become pregnant |
        to get pregnant | of becoming pregnant | of getting pregnant | cannot become pregnant | prevent
        pregnancy | neg for""",
    Cue.NOT_TOUCHING: """
        non | pre | pseudo | phantom | false | screening | vaccine | vaccination | vaccinations | vaccines |
        vaccinated | immunization | immunizations | immunisation | immunisations | immunized | immunised |
        prophylaxis | declined | declines | refused | refuses | requests | requesting | awaiting | scheduled
        for | planned | heat | ausschluss""",
    Cue.NOT_BEFORE: """
        ruled out | excluded | unlikely | absent | not present | not found | ausgeschlossen | never | no |
        none | denies | denied | nil | not required | not needed | not indicated""",
    Cue.NOT_TESTED: "negative | neg | not detected | negativ | nonreactive | non reactive",
    Cue.NOT_AS_ADDED: """
        screening | screen | vaccine | vaccines | vaccination | vaccinations | immunization | immunisation |
        prevention | prophylaxis | counselling | counseling | education | risk | risks | immune | immunity |
        free | scare | phobia | contact | contacts | exposure | precautions | protocol | test | tests |
        testing | planning | desire | desired | wish | intention | avoidance | impfung | partner | wife |
        husband | girlfriend | in partner | in wife | in husband | declined | refused | requested |
        scheduled | planned | discussed | status unknown | status not known | volume | tenderness | mimic |
        mimics | like | tubes""",
    Cue.FAMILY: """
        family history | familial history | family member | family members | mother | mothers | father |
        fathers | sister | brother | sibling | siblings | parent | parents | son | daughter | aunt | uncle |
        grandmother | grandfather | familienanamnese | mutter | vater | schwester | bruder""",
    Cue.FAMILY_TOUCHING: """
        family history | in mother | in father | in sister | in brother | in her mother | in his mother | in
        her father | in his father | in sibling | in family | in the family | in family member | in der
        familie""",
    Cue.HISTORY: """
        history of | history | past medical history | past medical history of | past history | past history
        of | personal history of | medical history""",
    Cue.PAST_AFTER: """
        status post | no longer | sequela of | sequelae of | late effect of | late effects of | zustand nach
        | anamnestisch | anamnestische | recovered from""",
    Cue.PAST_NEAR: """
        old | past | remote | ex | quit | stopped | given up | gave up | ceased | healed | cured | recovered
        | former | formerly | previous | previously | prior | fruhere | fruherer | fruheres | ehemals |
        ehemaliger | ehemalige""",
    Cue.PAST_BEFORE: """
        resolved | in the past | recovered | healed | cured | previously | stopped | ceased | ended |
        discontinued | in der vorgeschichte | old | ausgeheilt | abgeheilt | former | quit | removed |
        removal | expelled | taken out""",
    Cue.PAST_TOUCHING: "history | survivor",
    Cue.REMISSION: """
        remission | abstinent | abstinence | sober | trocken | ned | disease free | no evidence of disease""",
}  # fmt: skip

CUES: Phrases[Cue] = Phrases(
    (phrase.strip(), cue) for cue, phrases in _LISTED.items() for phrase in phrases.split("|")
)


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Short forms that are no words by themselves.
SHORT = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"\br/o\b", "rule out"), (r"\bs/p\b|\bst\.? ?p\.", "status post"), (r"\bh/o\b|\bh\.o\.", "history of"),
        (r"\bw/o\b", "without"), (r"\bw/(?=\s)", "with"), (r"\bpmhx?\b|\bphx\b", "past medical history"),
        (r"\bf/?hx?\b", "family history"), (r"\bhx\b", "history"), (r"\bz\. ?n\.|\bzn\b", "zustand nach"),
        (r"(?<!\w)[+]ve\b", " positive"), (r"(?<!\w)-ve\b", " negative"), (r"\bvs\.", "vs"),
        (r"\bv\. ?a\.", "verdacht auf"),
    )
)  # fmt: skip

# What a denial or a past does not reach beyond.
STOPS = _set(
    "but however although though except now today presenting presents due because secondary despite "
    "patient has have is are reports aber jetzt"
)
# Nor does a denial reach beyond these, even right after it: "screening in pregnancy".
BESIDE = _set("with in during while when mit bei wahrend")
NOT_STOPS = STOPS | BESIDE
PAST_STOPS = STOPS | _set("for in on new newly current currently ongoing aktuell neu bei")
# What may stand between a name and the word that takes it back.
BETWEEN = _set(
    "was is are were has have had been be now since already in of the a at left right bilateral both "
    "leg legs arm lower upper limb lung lungs disease infection syndrome "
    "completely fully clinically subsequently later essentially considered wurde ist"
)
TESTS = _set(
    "test tests testing result results screen screening serology swab was is surface antigen status workup"
)
# After these, "ruled out" still speaks of what stands before it.
AFTERWARDS = _set(
    "by on after with via using at in per today now this due since from but as and following through durch"
)
TIMES = _set(
    "few several couple hour hours day days week weeks month months year years one two three four five "
    "six decade 24 48 72"
)
# A history of these is the disease itself.
LASTING = _set(
    "cirrhosis alcohol_liver_disease ckd iga_deficiency g6pd_deficiency tpmt_deficiency thrombophilia aps hiv ild sle "
    "systemic_sclerosis long_qt cardiomyopathy heart_failure adrenal_insufficiency hypogammaglobulinaemia "
    "transfusion_reaction severe_transfusion_reaction osteoporosis toxic_maculopathy hysterectomy oophorectomy "
    "menopause"
)
# Dependence in remission is no dependence; a disease in remission is still the disease.
REMITTING = _set("smoker")
LINKS = _set("for in with by of to due on from")
AGED = _set("year years yr yrs y yo month months mo week weeks day days o")
MILD = _set("mild slight minimal minor trivial leichte leichter geringe geringgradige")
GRADED = _set("moderate severe marked to and or")
