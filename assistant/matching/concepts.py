"""What businesses are asked about, as data: words of four languages with the same meaning.

One line per concept: its name, then its words, folded (lower case, no accents). `word*` stands for every word that
begins like this, `two_words` for words in a row; an indented line continues the one above. A concept links the question
"¿cuánto vale?" to an entry that says "price".
"""

from __future__ import annotations

CONCEPTS = {
    "en": """
PRICE how_much what_do_i_pay price* pricing cost* fee fees charge* expensive cheap rates tariff* pay_for
FREE free free_of_charge
HOURS open* close closes closed closing hour hours business_hours working_hours opening_times you_work_on you_work_at
PLACE address location located directions street map find_you find_us reach_you get_to_you get_there floor
WHERE where
WHEN when what_time which_hour what_hour what_days which_days till_when until_when
DURATION how_long take_long takes_long how_many_days how_many_months takes take_to hour_to lasts last_for months
  minutes duration
BOOK book booking bookings appointment* schedul* slot slots an_opening free_slot free_slots reserv* book_me see_me
  i_come come_by to_come come_tomorrow come_on visit_you see_the
PAY pay pays paying payment* card cards credit_card credit_cards cash visa mastercard instalment* installment*
  bank_transfer settle
INSURANCE insur* health_plan
PARK park parking car_park garage leave_the_car leave_my_car
CHILD child children childrens kid kids baby babies son daughter toddler* pediatric
LANGUAGE speak speaks spoken language* english spanish portuguese romanian
DELIVER deliver* shipping ship shipped courier
RETURN return returns returned refund* exchange money_back send_back
WARRANTY warranty warranties guarantee*
RENT rent rents rental* renting hire
REPAIR repair* fix fixing fixed mend*
JOB hiring vacanc* job jobs employ* apply_for work_for_you
LIFT lift elevator* stairs
WHEELCHAIR wheelchair* disabled accessible accessibility
FEAR afraid scared fear* anxious anxiety terrified nervous
TEST test_ride try_out try test trial before_i_buy
DEPOSIT deposit*
USED used second_hand secondhand
BIKE bike bikes bicycle*
TOOTH tooth teeth
VISIT visit visits
FIRST first_visit first_time new_patient
BRING bring
DOCUMENT document* papers
DISCOUNT discount* coupon* voucher* loyalty
INVOICE invoice* receipt* bill
PET dog dogs cats pet pets
PHONE phone telephone phone_number
EMERGENCY emergenc* urgent*
REMINDER reminder* remind
ELECTRIC electric* ebike* e_bike e_bikes
UNDO cancel* don_t_want dont_want do_not_want don_t_need dont_need do_not_need call_off no_longer delete remove stop
  annul can_t_come cannot_come cant_come won_t_make wont_make can_t_make cant_make not_able_to_come unable_to_come
SHIFT resched* postpone* move_my move_the change_my change_the need_to_move earlier put_off
ORIGIN where_are_you_from
STATUS confirmed do_i_have_an do_i_have_a when_is_my what_time_is_my did_i did_you did_my did_the already never missed
COMPLAIN complain* complaint* sue rude
SALE you_sell we_sell sell_you do_you_sell buy_from to_buy i_buy where_can_i_buy buy_a sold
TRADE you_buy we_buy do_you_buy to_sell i_sell sell_my
""",
    "pt": """
PRICE quanto_pago quanto_custa quanto_custam quanto_e quanto_sai quanto_ta quanto_esta quanto_seria quanto_vale
  quanto_fica quanto_voces_cobram quanto_tenho_que_pagar preco* custa custam custo custos valor valores cobra cobram
  caro tabela qual_o_valor paga_alguma
FREE gratis gratuito gratuita de_graca
HOURS abre abrem abrir aberto abertos aberta fecha fecham fechado fechada horario horarios funcionamento atendimento
  atendem_no atende_no trabalham_no
PLACE endereco* morada localizacao localiza rua mapa como_chego como_chegar chegar andar em_que_lugar fica_a_loja
WHERE onde aonde onde_encontro
WHEN quando que_horas a_que_horas que_hora quais_dias que_dias ate_que_horas
DURATION quanto_tempo quantos_dias quantos_meses quanto_demora dura duram demora leva_quanto minutos meses
BOOK marcar marca marque marcacao marcacoes agendar agenda agendamento agendamentos quero_uma_consulta
  queria_uma_consulta preciso_de_uma_consulta gostaria_de_uma_consulta ter_uma_consulta minha_consulta vaga vagas
  reservar posso_ir quero_ir horario_livre avaliacao queria_ir
PAY pagar paga pago pagamento* cartao cartoes cartao_de_credito dinheiro pix parcela* parcelam parcelas parcelar
  prestacoes transferencia visa mastercard formas_de_pagamento acertar
INSURANCE convenio* seguro* plano planos seguradora* plano_de_saude
PARK estacion* garagem vaga_para_carro parar_o_carro deixo_o_carro lugar_para_o_carro
CHILD crianca* filho filha filhos filhas bebe bebes infantil infantis
LANGUAGE falam fala_ingles lingua linguas idioma idiomas ingles espanhol portugues romeno que_falam
DELIVER entrega entregam entregas entregar frete envio
RETURN devolver devolucao devolvo troca trocar trocas reembolso
WARRANTY garantia garantias
RENT alugar aluguel alugam alugo aluguer
REPAIR consert* arrumar reparar reparo reparacao
JOB emprego empregos vaga_de_emprego contratando contratam trabalho trabalhar_com
LIFT elevador escada escadas
WHEELCHAIR cadeira_de_rodas cadeirante* acessivel acessibilidade
FEAR medo nervoso nervosa ansioso ansiosa ansiedade
TEST experimentar testar teste antes_de_comprar dar_uma_volta
DEPOSIT deposito* caucao
USED usada usadas usado usados velha velho
BIKE bicicleta* bike bikes
TOOTH dente dentes
VISIT visita visitas
FIRST primeira_visita primeira_vez primeira_consulta paciente_novo
BRING levar levo trazer trago
DOCUMENT documento documentos
DISCOUNT desconto* cupom fidelidade
INVOICE fatura* nota_fiscal recibo* boleto
PET cachorro* cao gato gatos
PHONE telefone
EMERGENCY emergencia* urgencia* urgente*
REMINDER lembrete*
ELECTRIC eletric* electric*
UNDO cancel* nao_quero nao_preciso desmarc* anular apague apagar apaga nao_posso_ir nao_vou_conseguir nao_preciso_mais
  nao_vou_poder encerra encerrar desistir
SHIFT remarc* adiar adio mudar mudo trocar_o_horario trocar_a_consulta antecipar
ORIGIN de_onde
SAFE esta_seguro e_seguro
STATUS tenho_consulta tenho_uma_consulta ja_marquei marquei confirmada confirmado quando_e_a_minha quando_e_minha
  que_horas_e_minha faltei nunca
COMPLAIN reclamar reclamacao queixa processar grossa grosseiro
SALE vendem vende vendendo comprar onde_posso_comprar
TRADE compram compra vender para_vender vendo
""",
    "es": """
PRICE cuanto_pago cuanto_cuesta cuanto_cuestan cuanto_vale cuanto_es cuanto_sale cuanto_cobran cuanto_seria
  cuanto_esta de_cuanto_es cuanto_tengo_que_pagar que_cuesta precio* cuesta cuestan costo costos coste costando
  tarifa* cobran caro vale_un vale_una lista_de_precios hay_que_pagar_algo
FREE gratis gratuito gratuita
HOURS abre abren abrir abierto abiertos abierta cierra cierran cerrado cerrada horario horarios apertura
  horario_de_atencion atienden_los atienden_el trabajan_los dias_abren
PLACE direccion direcciones ubicacion ubicados calle mapa como_llego como_se_llega llegar piso en_que_sitio
WHERE donde adonde donde_encuentro
WHEN cuando a_que_hora que_hora hasta_que_hora que_dias
DURATION cuanto_tiempo cuanto_dura cuanto_tarda cuantos_dias cuantos_meses dura duran tarda tardan minutos meses
BOOK cita citas reservar reserva reservo reserve reserveme agendar agenda pedir_cita turno turnos tienen_hora hueco
  huecos puedo_ir quisiera_ir quiero_ir consulta_para
PAY pagar paga pago pagos tarjeta tarjetas tarjeta_de_credito efectivo plazos cuotas transferencia visa mastercard
  formas_de_pago abonar
INSURANCE seguro* aseguradora* mutua poliza
PARK aparc* estacionar estaciono estacionamiento estacionamientos parking garaje dejo_el_coche dejar_el_coche
  sitio_para_el_coche
CHILD nino ninos nina ninas hijo hija hijos hijas bebe bebes infantil infantiles
LANGUAGE hablan hable idioma* lengua lenguas ingles portugues espanol rumano que_hable
DELIVER entrega entregan entregas envio envios enviar domicilio
RETURN devolver devuelvo devolucion devoluciones cambio_un reembolso cambio
WARRANTY garantia garantias
RENT alquilar alquilan alquilo alquiler alquileres alquila rentar
REPAIR repar* arregl*
JOB empleo empleos empleados trabajo vacante*
LIFT ascensor escalera escaleras elevador
WHEELCHAIR silla_de_ruedas accesible accesibilidad discapacitad*
FEAR miedo nerviosa nervioso ansiedad aterra
TEST probar prueba testar antes_de_comprarla antes_de_comprar
DEPOSIT deposito* fianza
USED usada usadas usado usados vieja viejo segunda_mano
BIKE bicicleta* bici bicis
TOOTH diente dientes muela muelas
VISIT visita visitas
FIRST primera_visita primera_vez paciente_nuevo
BRING llevar llevo traer traigo
DOCUMENT documento documentos
DISCOUNT descuento* puntos cupon
INVOICE factura* recibo*
PET perro perros gato gatos
PHONE telefono
EMERGENCY emergencia* urgencia* urgente*
REMINDER recordatorio*
ELECTRIC electric*
UNDO cancel* no_quiero no_necesito anul* borre borrar borra no_puedo_ir no_voy_a_poder no_podre ya_no termina terminar
SHIFT cambiar_la cambiar_mi cambiar mover aplazar posponer adelantar reprogramar
ORIGIN de_donde
SAFE es_seguro
STATUS tengo_cita tengo_una_cita ya_tengo confirmada confirmado cuando_es_mi que_hora_es_mi falte nunca
COMPLAIN quejarme queja quejas demandar grosera grosero
SALE venden vende vendiendo comprar comprarles comprarla
TRADE compran vender para_vender vendo
""",
    "ro": """
PRICE cat_platesc cat_costa cat_ma_costa cat_e_o cat_e_un cat_e_detartrajul cat_este cat_ar_fi cat_luati la_cat_e
  cat_e cat_trebuie_sa_platesc pret preturi pretul preturile pretului costa cost costul tarif tarife tarifele ce_costa
  scump
FREE gratis gratuit gratuita
HOURS deschis deschisa deschisi deschideti deschide deschideri inchis inchisa inchideti inchide program programul
  programului orar orarul lucrati_sambata lucrati_duminica lucrati_in
PLACE adresa adresei locatia locatie locatiei strada harta ajung_la cum_ajung cum_se_ajunge etaj etajul aflati gasim
WHERE unde unde_gasesc unde_va_gasesc
WHEN cand la_ce_ora pana_la_ce_ora ce_ora ce_zile in_ce_zile pana_la_cat
DURATION cat_dureaza cat_tine cate_zile cate_luni dureaza tine minute luni_dureaza cat_timp
BOOK programare programari programarea programarii programez programati programez_un programa rezerva rezervare rezerv
  pot_veni sa_vin aveti_loc ceva_liber vreun_loc
PAY plata plati platesc plateste platiti card cardul carduri transfer_bancar cash numerar rate transfer visa
  mastercard modalitati_de_plata achita
INSURANCE asigurare asigurarea asigurari asigurarile asigurator* decontare polita casa_de case_de
PARK parc* garaj las_masina lasa_masina loc_de_masina
CHILD copil copii copilul copiilor copiii fetita fetitei baiat bebelus*
LANGUAGE vorbiti vorbeste limba limbi engleza portugheza spaniola romana vorbeasca
DELIVER livr*
RETURN retur returna returnez schimb_un inapoi
WARRANTY garantie garantii garantia
RENT inchiriez inchiriere inchirierea inchirieri inchirierii inchiria inchiriati inchiriem
REPAIR repar*
JOB angaj* loc_de_munca locuri_de_munca job
LIFT lift scari
WHEELCHAIR scaun_rulant scaunul_rulant accesibil
FEAR frica teama anxios ingrozit anxietate
TEST inainte_sa_o_cumpar prob proba probez testa testez test
DEPOSIT depozit garantie_la garantia_la garantie_pentru e_garantie las_garantie o_garantie
USED folosita folosite veche vechi second
BIKE biciclet*
TOOTH dinte dinti dintii dintele masea maseaua masele
VISIT vizita vizite vizita_mea
FIRST prima_vizita prima_oara prima_mea_vizita pacient_nou
BRING aduc aducem aduce
DOCUMENT documente acte
DISCOUNT reducere reduceri
INVOICE factura facturi chitanta bon
PET caine cainele caini pisica pisici
PHONE telefon
EMERGENCY urgenta urgente
REMINDER memento*
ELECTRIC electric*
UNDO anul* nu_vreau nu_am_nevoie sterge stergeti renunt nu_pot_veni nu_mai_ajung nu_mai_am_nevoie nu_mai_vreau
  nu_voi_putea incheie
SHIFT reprogram* mut muta mutam amana aman sa_schimb_ora devansa
ORIGIN de_unde
STATUS am_programare am_o_programare deja ati_primit a_ajuns confirmata cand_e_programarea_mea la_ce_ora_e_programarea
  niciodata lipsit
COMPLAIN plang plangere reclamatie nepoliticoasa judecata
SALE vindeti vinde aveti_de_vanzare cumpar cumpara
TRADE cumparati vand vanzare
""",
}
# The kind of answer that is wanted, not its topic.
TYPES = frozenset({"PRICE", "FREE", "DURATION", "WHERE", "WHEN"})
# These need a topic: alone after another question they are about its topic.
NEEDS_OBJECT = frozenset({"PRICE", "FREE", "DURATION"})
# "Can I park ...?" is answered also where the rest asks what or how, which no entry mentions.
TAKES_ANYTHING = frozenset({"PARK"})
LEAVE = frozenset(
    {
        "can i",
        "can we",
        "could i",
        "could we",
        "may i",
        "may we",
        "posso",
        "podemos",
        "podia",
        "da para",
        "puedo",
        "podria",
        "se puede",
        "pot",
        "pot sa",
        "putem",
        "as putea",
        "se poate",
    }
)
# A question with one of these is answered only by an entry that has it too: "cancel" is not a wish to book.
ACTS = frozenset({"UNDO", "SHIFT", "STATUS", "COMPLAIN"})
# Whether the business sells, or buys.
OPPOSITES = {"SALE": "TRADE", "TRADE": "SALE"}
# The concepts that a "no" before them turns into UNDO.
UNDOABLE = frozenset({"BOOK", "RENT", "DELIVER", "EMERGENCY"})
# What an entry also answers when it has the first concept.
IMPLIES = {"PLACE": "WHERE", "HOURS": "WHEN", "FREE": "PRICE"}
# Things of the customer's own, of which no entry can know: "when is my appointment?"
OWN_RECORDS = frozenset({"BOOK", "INVOICE", "DELIVER", "RETURN"})
