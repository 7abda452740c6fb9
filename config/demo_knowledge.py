"""The knowledge entries of the demo tenant, in four languages: (title, synonyms, text)."""

KNOWLEDGE = {
    "en": [
        (
            "Opening hours",
            "open close hours when saturday sunday",
            "We are open Monday to Friday from 9:00 to 18:00, and Saturday from 9:00 to 13:00.",
        ),
        (
            "Where we are",
            "address location where street map directions",
            "You find us at 12 Harbour Street, second floor, next to the pharmacy.",
        ),
        (
            "Prices",
            "price cost how much check-up cleaning filling",
            "A check-up is 40, a cleaning 60 and a filling from 80.",
        ),
        (
            "Appointments",
            "appointment book booking schedule visit",
            "I can note your wish: tell me the day and whether morning or afternoon suits you. The clinic confirms it.",
        ),
        (
            "Emergencies",
            "emergency pain urgent",
            "If you are in strong pain, call us on +1 555 010 0100 at any hour.",
        ),
        (
            "Payment",
            "pay card cash transfer insurance",
            "You can pay by card, in cash or by bank transfer. We work with all larger insurers.",
        ),
        ("Parking", "park parking car", "Parking is free for patients in the yard behind the house."),
    ],
    "pt": [
        (
            "Horário",
            "abre aberto fecha fechado horario funcionamento sabado domingo",
            "Abrimos de segunda a sexta das 9:00 às 18:00 e sábado das 9:00 às 13:00.",
        ),
        (
            "Onde estamos",
            "endereco morada onde localizacao rua mapa",
            "Ficamos na Harbour Street, 12, segundo andar, ao lado da farmácia.",
        ),
        (
            "Preços",
            "preco quanto custa valor consulta limpeza obturacao",
            "Uma consulta custa 40, uma limpeza 60 e uma obturação a partir de 80.",
        ),
        (
            "Marcar consulta",
            "marcar agendar consulta agendamento vaga",
            "Posso anotar o seu pedido: diga o dia e se prefere manhã ou tarde. A clínica confirma.",
        ),
        (
            "Urgências",
            "urgencia emergencia dor forte",
            "Se está com dor forte, ligue para +1 555 010 0100 a qualquer hora.",
        ),
        (
            "Pagamento",
            "pagar cartao dinheiro transferencia convenio seguro plano",
            "Pode pagar com cartão, dinheiro ou transferência. Trabalhamos com todos os maiores seguros.",
        ),
        (
            "Estacionamento",
            "estacionar estacionamento carro garagem",
            "O estacionamento é grátis para pacientes, no pátio atrás da casa.",
        ),
    ],
    "es": [
        (
            "Horario de apertura",
            "abren abierto cierran cerrado horario sabado domingo",
            "Abrimos de lunes a viernes de 9:00 a 18:00 y el sábado de 9:00 a 13:00.",
        ),
        (
            "Dónde estamos",
            "direccion donde ubicacion calle mapa",
            "Estamos en Harbour Street 12, segundo piso, junto a la farmacia.",
        ),
        (
            "Precios",
            "precio cuanto cuesta vale revision limpieza empaste",
            "Una revisión cuesta 40, una limpieza 60 y un empaste desde 80.",
        ),
        (
            "Pedir cita",
            "cita reservar agendar turno hora",
            "Puedo anotar su deseo: diga el día y si prefiere mañana o tarde. La clínica lo confirma.",
        ),
        (
            "Emergencias",
            "emergencia urgencia dolor fuerte",
            "Si tiene un dolor fuerte, llame al +1 555 010 0100 a cualquier hora.",
        ),
        (
            "Formas de pago",
            "pagar tarjeta efectivo transferencia seguro aseguradora",
            "Puede pagar con tarjeta, en efectivo o por transferencia. Trabajamos con las mayores aseguradoras.",
        ),
        (
            "Aparcamiento",
            "aparcar aparcamiento estacionar parking coche",
            "El aparcamiento es gratis para pacientes, en el patio detrás de la casa.",
        ),
    ],
    "ro": [
        (
            "Program",
            "program deschis inchis deschideti inchideti orar sambata duminica",
            "Suntem deschiși de luni până vineri între 9:00 și 18:00 și sâmbătă între 9:00 și 13:00.",
        ),
        (
            "Unde suntem",
            "adresa unde locatie strada harta",
            "Ne găsiți pe Harbour Street 12, etajul doi, lângă farmacie.",
        ),
        (
            "Prețuri",
            "pret preturi cat costa tarif consultatie detartraj plomba",
            "O consultație costă 40, un detartraj 60, iar o plombă de la 80.",
        ),
        (
            "Programări",
            "programare programez rezerva loc liber",
            "Pot nota dorința: spuneți ziua și dacă preferați dimineața sau după-amiaza. Clinica o confirmă.",
        ),
        (
            "Urgențe",
            "urgenta urgente durere puternica",
            "Dacă aveți o durere puternică, sunați la +1 555 010 0100 la orice oră.",
        ),
        (
            "Plata",
            "plata platesc card numerar cash transfer asigurare",
            "Puteți plăti cu cardul, în numerar sau prin transfer. Lucrăm cu toți asigurătorii mari.",
        ),
        (
            "Parcare",
            "parcare parchez masina",
            "Parcarea este gratuită pentru pacienți, în curtea din spatele casei.",
        ),
    ],
}
