"""Names and sentences of the large demo."""

FIRST = (
    "Ana", "Bruno", "Carla", "Diogo", "Elena", "Filipe", "Grace", "Hugo", "Ines", "Joao", "Katia", "Lucas", "Maria",
    "Nuno", "Olga", "Paulo", "Quim", "Rita", "Sofia", "Tiago", "Ursula", "Vasco", "Wanda", "Xavier", "Yara", "Zoe",
    "Adela", "Bogdan", "Cristina", "Dan", "Emilia", "Florin", "Gabriela", "Horia", "Ioana", "Javier", "Karina",
)  # fmt: skip
LAST = (
    "Tavares", "Silva", "Santos", "Ferreira", "Pereira", "Oliveira", "Costa", "Rodrigues", "Martins", "Sousa",
    "Fernandes", "Lopes", "Marques", "Gomes", "Ribeiro", "Carvalho", "Almeida", "Pinto", "Alves", "Dias", "Popescu",
    "Ionescu", "Popa", "Dumitru", "Stan", "Stoica", "Garcia", "Martinez", "Lopez", "Sanchez", "Perez", "Gonzalez",
    "Smith", "Jones", "Taylor", "Brown", "Walker", "Wright", "Hughes", "Green", "Hall",
)  # fmt: skip
# (what is asked, what is answered)
TALK = (
    ("Hi, are you open on Saturday?", "Hello! Yes, on Saturday we are open from 9:00 to 13:00."),
    ("Bom dia, qual é o horário de hoje?", "Bom dia! Hoje estamos abertos das 9:00 às 18:00."),
    ("How much is a cleaning?", "A cleaning is 60 and takes about 40 minutes."),
    ("Can I come tomorrow at 10?", "I have noted tomorrow at 10:00 as your wish. The clinic will confirm it to you."),
    ("I need to move my appointment", "Of course. Which day suits you, and do you prefer morning or afternoon?"),
    ("Afternoon please, after 4", "Thank you. Thursday at 16:30 is free; shall I note it?"),
    ("Yes, perfect", "It is noted: Thursday at 16:30. You will get a reminder the day before."),
    ("Where are you exactly?", "12 Harbour Street, second floor, next to the pharmacy."),
    ("Is there parking?", "Yes, parking is free for patients in the yard behind the house."),
    ("Do you take my insurance?", "We work with all larger insurers. Which one are you with?"),
    ("Can I pay by card?", "Yes: by card, in cash or by bank transfer."),
    ("My tooth hurts a lot since yesterday", "I am sorry to hear that. Please call +1 555 010 0100, at any hour."),
    ("It is better now, thank you", "Good to hear. Do write again if the pain returns."),
    ("Is the doctor in this week?", "Dr. Marques is here from Monday to Thursday."),
    ("Do you treat children too?", "Yes, from the age of four. The first visit is a short one, to get to know us."),
    ("How long does a filling take?", "Between 30 and 60 minutes, depending on the tooth. It starts at 80."),
    ("Please send me the invoice again", "I have passed it on; somebody from the desk will send it to you today."),
    ("Can I bring my mother along?", "Of course. The lift is on the left of the entrance."),
    ("Olá, queria marcar uma consulta", "Olá! Que dia prefere, de manhã ou à tarde?"),
    ("Quarta de manhã", "Obrigado. Quarta às 9:30 está livre; posso anotar?"),
    ("Sí, gracias", "Anotado. Recibirá un recordatorio el día anterior."),
    ("Cât costă un control?", "Un control costă 40 și durează o jumătate de oră."),
    ("What should I bring for the first visit?", "Your card of insurance and, if you have them, earlier X-rays."),
)
