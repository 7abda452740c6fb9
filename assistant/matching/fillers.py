"""Words without a topic, by language, folded: fillers, conjunctions, negations, times."""

from __future__ import annotations

FILLERS = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
a an the and or of on in at to for from with by as is are am be being it its that this these those there i me my
mine we us our you your yours he she they them his her their what which how do does doing done can could may will
would shall should must have has having get got give take want wants need like please pls plz thanks thank hi hello
hey good morning afternoon evening know tell ask question questions about any some anything something anybody
somebody anyone someone also too just more much many very really so now then if but not no don t s re ve ll d m im
ive id u r ur ok okay yes well guys people guy offer offers accept accepts possible possibly let make go going come
comes use uses using work possible exactly currently today clinic practice shop office place dentist dentists
business one yourself up out into near nearby information info help interested looking look wondering able wish see
offering available availability ever whats wheres hows thats somewhere someplace stuff sort kind bit lot adult
adults welcome treated treat old each per both same until till list method methods dental health covered before
companies dental ups american express along during without year years accepted someone something leave session home
later small people wear x mother mom private gets yours around wanted
""",
        "pt": """
o a os as um uma uns umas de da do das dos e ou em no na nos nas num numa ao aos para pra pro por pelo pela com sem
que q qual quais como eu me mim meu meus minha minhas voce voces vc vcs vos vosso vossa seu seus sua suas nos nosso
nossa este esta esse essa isto isso aquele aquela aqui ai la ali tem tenho temos ter tinha ha sao ser e estao esta
estou estar ta tao to tou vou vai vamos ir posso pode podem poder podia poderia consigo consegue conseguem quero
queria quer queremos gostaria gosto preciso precisa precisamos fazer faz fazem faco da dao dar passa passam mandar
diz dizer diga saber sei sabe sobre algum alguma alguns algo alguem mais muito muita bem tambem agora se mas nao n
sim oi ola bom boa dia tarde noite obrigado obrigada favor pf pfv pfvr porfavor aceita aceitam trabalham trabalha
atende atendem atendida atendido fica ficam ficar usar usa tudo hoje clinica loja consultorio dentista dentistas
empresa perto exatamente colocam coloca poem oferecem possivel qualquer informacao informacoes duvida jeito ate
desde vem partir ano anos adulto adultos ver hj mto bastante cada produto umas serve seria sera custando entrar
lista mae fico deixar cobre devo sessao aceito consigo gente varios varias depois pequeno pequena pequenos pequenas
pessoas falar subir privado privada quanto quanta quantos quantas novas novo nova novos completa completo casa
""",
        "es": """
el la los las un una unos unas lo de del y o u e en a al para por con sin que q cual cuales como yo me mi mis tu tus
te usted ustedes su sus nos nuestro nuestra el ella ellos este esta ese esa esto eso aqui ahi alla hay tiene tienen
tengo tenemos tener es son ser esta estan estoy estar voy va van vamos ir puedo puede pueden podemos podria quiero
queria quisiera quiere gustaria necesito necesita necesitamos hacer hace hacen hago da dan dar dame manda mandan
decir dice diga dime saber se sabe sobre algun alguna algunos algo alguien mas muy mucho mucha bien tambien ahora si
pero no hola buenas buenos dias tardes noches gracias favor porfa acepta aceptan cogen trabajan trabaja atiende
atienden clinica tienda consulta consultorio taller dentista dentistas empresa gente cerca exactamente pone ponen
ofrecen posible cualquier informacion tipo funciona hasta desde pasa debo dejar entrar cubre llevan poder anos ano
adulto adultos hoy usa usar viene proximo proxima vienen quedan queda estais os tal ver esten sea bastante cada
producto nuevo nueva nuevos nuevas unos completa completo casa seria costando lista madre pongo pido estara debo
sesion varios varias tarde tardes noche despues pequeno pequena pequenos pequenas hablar subir le deme buscan
privado privada cuanto cuanta cuantos cuantas ello lleva ellas
""",
        "ro": """
un o unei unui niste cel cea cei cele al a ai ale de din la pe in cu fara si sau ori ca sa ce care cum eu mi ma imi
mea meu mei mele mie tu tau ta te va v voi vostru voastra dumneavoastra dvs el ea ei ele lui noi ne nostru noastra
acest aceasta asta acesta acela aici acolo are aveti avem am au aveai este e sunt suntem sunteti esti fi pot poti
poate puteti putem vreau vrea vrem doresc doreste dori as ati ar nevoie trebuie fac face faceti facem faci dau da
dati spune spuneti stiu despre vreun vreo ceva cineva mai mult multa foarte bine tot acum daca dar nu n buna salut
ziua seara dimineata multumesc mersi rog accepta acceptati acceptata lucrati tratati primiti clinica cabinetul
cabinet magazin magazinul magazinului dentist dentistul stomatolog stomatologul firma aproape exact pun puneti
oferiti posibil posibila orice informatii intrebare lucru pana pentru prin intra loc merge timp ani an adulti adult
azi mama ora s nou noua noi vin veni produs lista mama acopera se sedinta placea fiecare multe niste las avea mici
mic mica lumea vorbi vorbesc vorbesc clinicii mai tarziu urca urc merge cautati privat privata private dentisti
dentistului cat cata cate cati completa complet acasa
""",
    }.items()
}
# Removed first: phrases for the wish to hear something.
ASKING = (
    "tell me", "i was wondering if", "i was wondering", "send me", "let me know", "give me", "show me",
    "me diz", "me diga", "me manda", "me passa", "me envia", "manda a", "manda o",
    "me manden", "me mandan", "mandame", "dime", "digame", "me dice",
    "imi trimiteti", "trimiteti mi", "trimiteti", "spuneti mi", "spune mi", "imi spuneti",
)  # fmt: skip
ANYWHERE = frozenset("ok okay hi hello please pls whatsapp".split())  # noqa: SIM905 - reads as text
# Words so frequent in questions that a short one counts with a letter missing or two exchanged: "wher", "prcie".
ASKED_WITH = frozenset(
    """
where when what much price prices hours open close address parking
onde quando quanto preco horas horario endereco
donde cuando cuanto precio hora direccion
unde cand cat pret program adresa parcare
""".split()  # noqa: SIM905 - reads as text
)
# Days and hours: they say when, seldom what.
TIMES = frozenset(
    """
monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays
weekend weekends tomorrow week noon night early late lunch evening tonight midnight next
segunda terca quarta quinta sexta sabado sabados domingo domingos amanha manha semana fim meio dia almoco cedo proxima
proximo
lunes martes miercoles jueves viernes manana mediodia fin fines temprano almuerzo
luni marti miercuri joi vineri sambata duminica maine diseara weekendul masa viitoare devreme pranz amiaza saptamana
""".split()  # noqa: SIM905 - reads as text
)
# Words between two questions in one line.
JOINING = {
    "en": frozenset({"and", "plus"}),
    "pt": frozenset({"e"}),
    "es": frozenset({"y", "e"}),
    "ro": frozenset({"si", "plus"}),
}
CHOOSING = {
    "en": frozenset({"or"}),
    "pt": frozenset({"ou"}),
    "es": frozenset({"o", "u"}),
    "ro": frozenset({"sau", "ori"}),
}
DENYING = {
    "en": frozenset({"not", "no", "dont", "cannot", "cant", "wont", "never", "t"}),
    "pt": frozenset({"nao", "nunca", "jamais"}),
    "es": frozenset({"no", "nunca", "jamas"}),
    "ro": frozenset({"nu", "niciodata"}),
}
MINE = frozenset(["my", "minha", "minhas", "meu", "meus", "mi", "mis", "mea", "mele", "meu"])
# Abbreviations of chats.
SHORT = {
    "u": "you", "r": "are", "ur": "your", "wat": "what", "hw": "how", "whats": "what", "wheres": "where",
    "tmrw": "tomorrow", "qnto": "quanto", "qto": "quanto", "qnt": "quanto", "vcs": "voces", "vc": "voce", "hj": "hoje",
    "tao": "estao", "dnd": "donde", "ond": "onde", "ct": "cat", "und": "unde",
}  # fmt: skip
