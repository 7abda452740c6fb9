"""Whether a sentence orders a reminder, refuses one, or only mentions one; in four languages, by plain forms."""

from __future__ import annotations

import re

from common.text.plain import fold
from timewords.tokens import fold_letters

MAX_READ = 500  # characters of a text that are looked at
REMIND = re.compile(
    r"(?<!\w)(?:"
    r"(?:please |can you |could you |would you |will you |can u ){0,4}(?:please )?(?:remind me|remind us|remember me|set reminder|don'?t let me forget|"
    r"(?:set(?: up)?|create|make|add|give|send|schedule|put|(?:can|could|may) i (?:please )?(?:have|get)|i (?:need|want|would like)|i['’]?d like)"
    r"(?: me)?(?: in)? (?:a|another)(?: new)? reminder)"
    r"|(?:por favor )?(?:voce )?(?:pode |poderia |podes )?(?:me (?:(?:pode|poderia|podes) )?lembr(?:e|a|ar|as)|lembr[ae]r?[ -]me|(?:me )?(?:cri(?:e|a|ar)|quero|queria|preciso de|gostaria de|faz|faca|fazer|coloc(?:a|ar)|coloque|mand(?:a|e|ar)|envi(?:a|e|ar)|"
    r"agend(?:a|e|ar)|program(?:a|e|ar)|marc(?:a|ar)|marque|poe|ponha|adicion(?:a|e|ar))(?:[ -]me)? um(?: novo)? lembrete|"
    r"nao me deix[ae] esquecer|me avis[ae]|avis[ae][ -]me)"
    r"|(?:por favor )?(?:puede |puedes |podrias |podria |podes )?(?:recuerda ?me(?:lo)?|recuerde ?me|recorda ?me|me recuerd(?:as|a|e)|me record(?:as|arias)|recordar ?me|me (?:puedes|puede|podrias|podria|podes)? ?recordar|"
    r"(?:me )?(?:cre(?:a|e|ar)|pon|ponga|poner|quiero|quisiera|necesito|haz|haga|envi(?:a|e|ar)|mand(?:a|e|ar)|agend(?:a|e|ar)|program(?:a|e|ar)|anad(?:e|ir)|agreg(?:a|ue|ar))"
    r"(?: ?me)? un(?: nuevo)? recordatorio|avisa ?me|avise ?me|me avis[ae]s?|no me dejes olvidar)"
    r"|(?:va rog |te rog )?(?:(?:poti|puteti|vrei|ai putea|ati putea) )?(?:sa[ -])?(?:imi |mi[ -])?(?:amintest[ei][ -](?:mi|ne)|amintesti|aminteste|(?:poti |puteti |ai putea |ati putea )?aminti(?! ?rea)|amintiti[ -]mi|amintiti|adu[ -]mi aminte|"
    r"aduceti[ -]mi aminte|aduci aminte|(?:creeaza|fa|pune|vreau|as vrea|am nevoie de|seteaza|trimite|trimiteti|adauga|programeaza)(?:[ -]mi)? un(?: nou)? memento)"
    r")(?!\w)"
)
NOUN = re.compile(r"(?<!\w)(?:reminder|lembrete|recordatorio|memento(?:-?ul)?)s?(?!\w)")
# The noun alone is an order only at the beginning of the sentence, and not when something is said about it.
BARE = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ola|oi|bom dia|boa tarde|boa noite|hola|buenas|buenos dias|buna|salut|please|por favor|va rog|te rog|ok|"
    r"a|new|novo|nuevo|nou|um|un)[\s,:.!]+)*"
    r"(?P<noun>(?<!\w)(?:reminder|lembrete|recordatorio|memento)(?![\w-]))"
    r"(?!\s+(?:is|was|isn['’]?t|wasn['’]?t|not|received|noted|got|came|seen|arrived|cancel\w*|delet\w*|removed?|"
    r"e|foi|ja|recebid[oa]|chegou|anotad[oa]|apagad[oa]|nao (?:precis|quer)\w*|es|fue|ya|recibid[oa]|llego|no (?:hace|quiero|necesito)|"
    r"este|primit|notat|anulat|sters|a (?:venit|fost)|nu (?:vreau|am|trebuie|mai|e))\b)"
)
# Words right before an order that negate it: "you don't have to", "did you", "não precisa", "nu vreau să".
DENIED = re.compile(
    r"(?<!\w)(?:don['’]?t|do not|does not|doesn['’]?t|never|not|no need|needn['’]?t|no longer|did(?:n['’]?t)?|forgot|stop|"
    r"nao|nunca|esqueceu|esqueceram|no|olvidaste|olvido|olvidaron|nu|uitat)"
    r"(?:[\s-]+(?:you|to|need|want|have|please|ever|i|would|like|must|should|anymore|more|u|it|is|for|again|"
    r"de|que|para|precis\w*|quer\w*|quier\w*|necesit\w*|hace|falta|mais|mas|mai|voce|usted|te|se|me|"
    r"vreau|trebuie|nevoie|am|e|sa|imi|mi|este))*[\s-]*$"
)
ENDED = re.compile(
    r"(?<!\w)(?:cancel|delete|remove|move|change|got|received|cancel[ae]r?|apag\w+|remov\w+|mud\w+|recebi|borr\w+|elimin\w+|"
    r"muev\w+|cambi\w+|recibi|anul\w+|sterg\w+|mut[ai]\w*|schimb\w*|primit)"
    r"(?:\s+(?:the|my|your|that|this|o|meu|seu|esse|el|mi|su|ese))*[\s\"'“”‘’«»]*$"
)
WHY_NOT = re.compile(r"\bwhy (?:don['’]?t|do not) (?:you|u)\s*$")
CAN = re.compile(r"\b(?:can|could|would|will|pode|poderia|podes|puedes?|podrias?|poti|puteti|putea)\b")
MARKS = re.compile(r"[.,;:!?\n()]")
# "Don't remind me to call Ana": what somebody does not want to be reminded of.
UNWANTED = re.compile(
    r"(?:^|[\s,.])(?:(?:don['’]?t|do not|stop|no longer|no need to|don['’]?t (?:have|need) to) remind(?:ing)? me (?:again |any ?more )?(?:about|of|to)|"
    r"(?:nao|pare de|para de)(?: precisa)?(?: mais)? me lembr\w+(?: mais)? (?:de|do|da|dos|das|sobre)|"
    r"(?:no|deja de) (?:me )?(?:recuerd|record)\w+(?: mas)?(?: (?:de|del|sobre|lo de))?|"
    r"nu[ -](?:imi |mi )?(?:mai )?(?:aminti|amintesti|amintiti)(?: (?:de|despre|sa))?) (?P<what>.+)$"
)
NO_NAMES = {"the", "about", "anymore", "more", "again", "mais", "mas", "nada", "please", "favor", "los", "las", "que"}


def find_order(text: str) -> tuple[int, int, int] | None:
    """Return where the order begins, and where its verb begins and ends; None without an order.

    What is denied ("don't remind me"), cancelled, moved or only mentioned ("I got your reminder") is no order.
    """
    plain = fold_letters(text[:MAX_READ])
    bare = BARE.match(plain)
    if bare is not None:
        return bare.start("noun"), bare.start("noun"), bare.end()
    is_turned = False
    for found in REMIND.finditer(plain):
        marks = [mark.end() for mark in MARKS.finditer(plain, 0, found.start())]
        clause = max(marks, default=0)
        if not _is_turned(plain[clause : found.start()], found[0]):
            begin = (clause or found.start()) if is_turned else 0
            return begin, found.start(), found.end()
        is_turned = True
    return None


def _is_turned(before: str, order: str) -> bool:
    if ENDED.search(before):
        return True
    # "¿No me puedes recordar...?" asks for it.
    return bool(DENIED.search(before)) and not WHY_NOT.search(before) and not CAN.search(order)


def mentions_reminder(text: str) -> bool:
    """Return whether a text mentions reminders, an order or not."""
    plain = fold_letters(text[:MAX_READ])
    return bool(REMIND.search(plain) or NOUN.search(plain))


def unwanted(text: str) -> set[str]:
    """Return the words of what somebody does not want to be reminded of; empty where they do not say so."""
    found = UNWANTED.search(fold_letters(text[:MAX_READ]))
    if found is None:
        return set()
    return {word for word in fold(found["what"]).split() if len(word) > 2} - NO_NAMES
