# Ciò che ogni pagina può mostrare.

product = CRM Google Sync
skip = Vai al contenuto
languages = Lingua
on-this-page = In questa pagina
back = Indietro
sign-out = Esci
sign-in = Accedi
remove = Rimuovi
copy = Copia
copied = Copiato
yes = sì
no = no

side-crm = CRM
side-google = Google
kind-event = Riunioni e chiamate
kind-task = Attività
kind-contact = Contatti

# Date e ore

month-1 = gen
month-2 = feb
month-3 = mar
month-4 = apr
month-5 = mag
month-6 = giu
month-7 = lug
month-8 = ago
month-9 = set
month-10 = ott
month-11 = nov
month-12 = dic
date = { $day } { $month } { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = a momenti
due-in = { $count ->
    [one] tra { $count } minuto
   *[other] tra { $count } minuti
}

# Stato

state-active = Attiva
state-disabled = Disattivata
state-needs_authorization = Accesso terminato
state-held = In attesa di una decisione
outcome-ok = Riuscita
outcome-partial = Riuscita in parte
outcome-held = In attesa di una decisione
outcome-needs_authorization = Accesso terminato
outcome-failed = Non riuscita
outcome-skipped = Saltata
last-run = Ultima sincronizzazione
next-run = Prossima sincronizzazione
none-yet = ancora nessuna
no-next-run = nessuna prevista
sync-now = Sincronizza ora
disconnect-open = Scollega…
disconnect-now = Scollega ora

# Che cosa ha fatto una sincronizzazione

trigger-schedule = secondo il programma
trigger-manual = a mano
trigger-google = Google ha segnalato una modifica
trigger-crm = il CRM ha segnalato una modifica
trigger-continuation = ripresa da dove si era fermata la precedente
did-in-crm = nel CRM { $what }
did-in-google = in Google { $what }
did-created = { $count ->
    [one] { $count } creato
   *[other] { $count } creati
}
did-updated = { $count ->
    [one] { $count } modificato
   *[other] { $count } modificati
}
did-deleted = { $count ->
    [one] { $count } eliminato
   *[other] { $count } eliminati
}
did-paired = { $count ->
    [one] { $count } già presente su entrambi i lati
   *[other] { $count } già presenti su entrambi i lati
}
did-conflicts = { $count ->
    [one] { $count } valore modificato su entrambi i lati
   *[other] { $count } valori modificati su entrambi i lati
}
reason-leased = Era già in corso un’altra sincronizzazione di questo utente.
reason-disabled = La sincronizzazione è disattivata.
reason-unknown = Questo utente non è più collegato.
reason-out_of_time = C’era più lavoro di quanto ne stia in una sola esecuzione; la prossima prosegue subito.
reason-too_many_deletions = Sarebbero stati eliminati più elementi del solito, perciò le eliminazioni attendono una decisione.
reason-never_authorized = L’accesso a Google non è ancora stato concesso.
reason-invalid_grant = L’accesso è stato revocato, la password è stata cambiata oppure l’app è ancora in fase di test presso Google, dove l’accesso scade dopo sette giorni.
reason-no_refresh_token = Manca l’autorizzazione per Google.
reason-token_refused = Google non accetta più l’accesso.
reason-missing_scope = Un’autorizzazione di cui la sincronizzazione ha bisogno non è stata concessa o è stata revocata.
reason-other = Si è conclusa per un motivo riportato nel registro di questa installazione.
reason-at-crm = Il CRM: { $message }
reason-at-google = Google: { $message }

# Impostazioni, di un utente e dei nuovi utenti di un CRM

group-when = Quando
group-events = Riunioni e chiamate
group-calendars = Calendari Google
group-private = Eventi privati e invitati
group-hours = Orario
group-tasks = Attività
group-contacts = Contatti
label-enabled = La sincronizzazione è attiva non appena l’utente ha dato l’autorizzazione
label-interval_minutes = Minuti tra due sincronizzazioni
label-settings-interval_minutes = Minuti tra due sincronizzazioni
label-start_from = Non toccare ciò che è precedente al
start-hint = Vuoto: 30 giorni prima del giorno in cui l’utente viene collegato.
label-events-enabled = Tieni allineate riunioni e chiamate con Google Calendar
meetings = Riunioni
calls = Chiamate
label-events-record_types = Riunioni e chiamate
label-events-direction = Direzione
direction-both = In entrambe le direzioni
direction-crm_to_google = Solo dal CRM a Google
direction-google_to_crm = Solo da Google al CRM
label-events-conflict_winner = Se la stessa cosa è stata modificata su entrambi i lati, mantieni
winner-newest = la modifica più recente
winner-crm = il valore del CRM
winner-google = il valore di Google
winner-hint = L’altro valore resta nel diario per 30 giorni.
label-events-deletions = Se qualcosa viene eliminato su un lato
deletions-propagate = eliminalo anche sull’altro
deletions-keep = conservalo sull’altro
deletions-hint = Eliminazioni insolitamente numerose attendono sempre la tua conferma.
label-events-description = Scrivi le descrizioni come
description-text = testo semplice
description-html = HTML
label-events-calendars = Calendari da tenere allineati
label-calendars-typed = Calendari da tenere allineati, uno per riga
calendars-unlisted = In questo momento Google non ha fornito l’elenco dei calendari, che sono quindi indicati con il loro ID.
calendars-hint = “primary” è il tuo calendario. Gli altri si indicano con l’ID calendario mostrato nelle impostazioni di Google Calendar.
calendar-own = (il tuo)
calendar-gone = (non è più nell’elenco di Google)
calendar-dedicated = Un calendario apposito
label-events-target_calendar = Calendario che riceve ciò che il CRM crea
label-events-private = Eventi privati
private-both = sono allineati come tutti gli altri
private-to_google = vanno solo dal CRM a Google
private-to_crm = vanno solo da Google al CRM
private-none = non vengono mai copiati
label-events-private_as_busy = Copia gli eventi privati come “Occupato”, senza dettagli
label-events-notify_guests = Lascia che Google avvisi gli invitati per e-mail delle modifiche fatte nel CRM
label-events-hours = Solo ciò che inizia in questo orario
days = Giorni
label-events-hours-days = Giorni
label-events-hours-from = Dalle
label-events-hours-to = Alle
label-events-hours-time_zone = Fuso orario
day-mon = lunedì
day-tue = martedì
day-wed = mercoledì
day-thu = giovedì
day-fri = venerdì
day-sat = sabato
day-sun = domenica
label-tasks-enabled = Tieni allineate le attività con Google Tasks
label-tasks-direction = Direzione delle attività
label-tasks-conflict_winner = Se la stessa attività è stata modificata su entrambi i lati, mantieni
label-tasks-deletions = Se un’attività viene eliminata su un lato
label-tasks-list = Elenco di Google Tasks
tasks-list-hint = “@default” è il tuo primo elenco.
contacts-label-hint = Se non esiste ancora, viene creata appena un contatto deve riceverla.
label-contacts-enabled = Tieni allineati i contatti con Contatti Google
label-contacts-direction = Direzione dei contatti
label-contacts-conflict_winner = Se lo stesso contatto è stato modificato su entrambi i lati, mantieni
label-contacts-deletions = Se un contatto viene eliminato su un lato
label-contacts-scope = Quali contatti
contacts-tagged = quelli con il tag o l’etichetta qui sotto
contacts-all = tutti i miei
label-contacts-tags = Tag nel CRM, separati da virgole
label-contacts-label = Etichetta in Contatti Google
save-settings = Salva le impostazioni
nothing-saved = Non è stato salvato nulla:
