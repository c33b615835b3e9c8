# La strada verso Google e ritorno, e la pagina dell'utente.

authorize-title = Collega il tuo account Google
authorize-lead = { $crm } vuole tenere allineate le tue riunioni e chiamate con il tuo Google Calendar.
authorize-user = Utente del CRM
authorize-user-id = utente { $id }
authorize-user-by-mail = individuato dall’indirizzo e-mail dell’account Google con cui accedi
authorize-account = Account Google
authorize-account-next = quello che scegli nella prossima pagina
authorize-access = Accesso
authorize-access-mail = al tuo indirizzo e-mail
authorize-access-events = agli eventi dei tuoi calendari, in lettura e scrittura
authorize-access-list = all’elenco dei tuoi calendari, per poter scegliere
authorize-access-tasks = alle tue attività, in lettura e scrittura
authorize-access-contacts = ai tuoi contatti, in lettura e scrittura
authorize-is-it-you = Sei tu?
authorize-only-you = Prosegui solo se l’utente del CRM indicato sopra è il tuo: chi lo usa vedrà il tuo calendario.
authorize-go = Continua su Google
authorize-promise = Gli invitati ai tuoi eventi non ricevono e-mail. Puoi cambiare ciò che viene sincronizzato, disattivare o scollegare tutto in qualsiasi momento.

me-title = La tua sincronizzazione
me-heading = Sincronizzazione di { $name }
status = Stato
settings = Impostazioni
history = Cronologia
journal = Diario
disconnect = Scollegamento

standing-active = Il tuo CRM e { $email } sono allineati.
standing-new = Il tuo CRM e { $email } sono collegati. La prima sincronizzazione non è ancora terminata.
standing-running = È in corso una sincronizzazione.
standing-disabled = La sincronizzazione è disattivata. Finché non la riattivi non viene letto né scritto nulla.
standing-disabled-new = La sincronizzazione non è ancora attiva. Se vuoi, guarda prima che cosa farebbe.
standing-needs_authorization = Google ha chiuso l’accesso, quindi non viene sincronizzato nulla. I tuoi dati sono intatti: dai di nuovo l’autorizzazione e si riprende da dove ci si era fermati.
standing-held = Alcune eliminazioni attendono la tua conferma; tutto il resto è allineato.
standing-own-calendar = Perché la sincronizzazione possa creare un calendario apposito serve il tuo consenso presso Google.
standing-allow = Consentilo su Google
in-step = Allineati
pairs = { $count ->
    [one] { $count } elemento
   *[other] { $count } elementi
}
parked = { $count ->
    [one] { $count } in attesa per un problema
   *[other] { $count } in attesa per un problema
}
working = È in corso una sincronizzazione
working-for = { $count ->
    [one] In corso da { $count } secondo
   *[other] In corso da { $count } secondi
}
authorize-again = Autorizza di nuovo
switch-on = Attiva la sincronizzazione
switch-off = Disattiva la sincronizzazione
preview = Anteprima

held-title = In attesa della tua conferma
held-since = Dal { $since } una sincronizzazione vuole eliminare più del solito:
held-crm = { $count ->
    [one] { $count } elemento nel CRM
   *[other] { $count } elementi nel CRM
}
held-google = { $count ->
    [one] { $count } evento in Google
   *[other] { $count } eventi in Google
}
held-why = I corrispondenti sull’altro lato non ci sono più. Nulla viene eliminato senza la tua conferma.
held-examples = Tra questi:
held-confirm = Elimina
held-otherwise = Se devono restare, ripristina sull’altro lato quelli eliminati.
look-at-it = Apri
problems = Problemi
problems-lead = Questi elementi non sono passati, tutti gli altri sì. Per ciascuno si riprova automaticamente.
tried = { $count ->
    [one] { $count } tentativo
   *[other] { $count } tentativi
}
next-try = prossimo tentativo: { $when }
more-problems = { $count ->
    [one] e { $count } altro
   *[other] e altri { $count }
}
no-run-yet = Non è ancora stato sincronizzato nulla.
nothing-to-do = Nulla da fare: i due lati coincidevano.
journal-lead = Ciò che una sincronizzazione ha sostituito o eliminato negli ultimi 30 giorni. Ripristinare un valore è una normale modifica, che la prossima sincronizzazione riporta sull’altro lato.
journal-empty = Non è stato sostituito né eliminato nulla.
lost-field-crm = Sostituito nel CRM, { $field }:
lost-field-google = Sostituito in Google, { $field }:
lost-record-crm = Eliminato nel CRM:
lost-record-google = Eliminato in Google:
field-title = titolo
field-description = descrizione
field-location = luogo
field-when = data e ora
field-private = privato
field-notes = note
field-due = scadenza
field-status = stato
field-prefix = titolo di cortesia
field-given_name = nome
field-middle_name = secondo nome
field-family_name = cognome
field-suffix = suffisso
field-email_work = e-mail di lavoro
field-email_home = e-mail di casa
field-email_other = altra e-mail
field-phone_mobile = cellulare
field-phone_work = telefono di lavoro
field-phone_home = telefono di casa
field-phone_other = altro telefono
field-phone_fax = fax
field-address_work = indirizzo di lavoro
field-address_home = indirizzo di casa
field-address_other = altro indirizzo
field-organization = azienda
field-department = reparto
field-job_title = qualifica
field-birthday = compleanno
field-website = sito web
field-website_other = altro sito web
field-labelled = etichetta
restore = Ripristina
restored = Ripristinato
older = Voci precedenti
disconnect-lead = Chiude l’accesso a { $email } e dimentica quali elementi si corrispondono. Riunioni ed eventi restano come sono su entrambi i lati.

preview-title = Che cosa farebbe la prossima sincronizzazione
preview-lead = Non è stato scritto nulla.
preview-counts = In tutto
preview-where = Dove
preview-new = Nuovi
preview-changed = Modificati
preview-deleted = Eliminati
preview-paired = { $count ->
    [0] Nessun elemento è già presente su entrambi i lati.
    [one] { $count } elemento è già presente su entrambi i lati.
   *[other] { $count } elementi sono già presenti su entrambi i lati.
}
preview-held = Eliminazioni così numerose attenderebbero la tua conferma.
preview-examples = Esempi
planned-create = Creare, { $side }
planned-update = Modificare, { $side }
planned-delete = Eliminare, { $side }
planned-pair = Già su entrambi i lati
back-to-sync = Torna alla tua sincronizzazione
