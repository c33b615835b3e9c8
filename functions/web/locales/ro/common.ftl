# Ce poate arăta orice pagină.

product = CRM Google Sync
skip = Salt la conținut
languages = Limbă
on-this-page = Pe această pagină
back = Înapoi
sign-out = Deconectare
sign-in = Conectare
remove = Elimină
copy = Copiază
copied = Copiat
yes = da
no = nu

side-crm = CRM
side-google = Google
kind-event = Întâlniri și apeluri
kind-task = Sarcini
kind-contact = Contacte

# Date și ore

month-1 = ian.
month-2 = feb.
month-3 = mar.
month-4 = apr.
month-5 = mai
month-6 = iun.
month-7 = iul.
month-8 = aug.
month-9 = sept.
month-10 = oct.
month-11 = nov.
month-12 = dec.
date = { $day } { $month } { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = în orice clipă
due-in = { $count ->
    [one] peste { $count } minut
    [few] peste { $count } minute
   *[other] peste { $count } de minute
}

# Starea

state-active = Pornită
state-disabled = Oprită
state-needs_authorization = Acces încheiat
state-held = Așteaptă o decizie
outcome-ok = Reușită
outcome-partial = Reușită în parte
outcome-held = Așteaptă o decizie
outcome-needs_authorization = Acces încheiat
outcome-failed = Eșuată
outcome-skipped = Omisă
last-run = Ultima sincronizare
next-run = Următoarea sincronizare
none-yet = încă niciuna
no-next-run = niciuna planificată
sync-now = Sincronizează acum
disconnect-open = Dezleagă…
disconnect-now = Dezleagă acum

# Ce a făcut o sincronizare

trigger-schedule = conform programului
trigger-manual = manual
trigger-google = Google a semnalat o modificare
trigger-crm = CRM-ul a semnalat o modificare
trigger-continuation = a continuat de unde s-a oprit precedenta
did-in-crm = în CRM { $what }
did-in-google = în Google { $what }
did-created = { $count ->
    [one] { $count } creat
    [few] { $count } create
   *[other] { $count } create
}
did-updated = { $count ->
    [one] { $count } modificat
    [few] { $count } modificate
   *[other] { $count } modificate
}
did-deleted = { $count ->
    [one] { $count } șters
    [few] { $count } șterse
   *[other] { $count } șterse
}
did-paired = { $count ->
    [one] { $count } aflat deja pe ambele părți
    [few] { $count } aflate deja pe ambele părți
   *[other] { $count } aflate deja pe ambele părți
}
did-conflicts = { $count ->
    [one] { $count } valoare modificată pe ambele părți
    [few] { $count } valori modificate pe ambele părți
   *[other] { $count } de valori modificate pe ambele părți
}
reason-leased = O altă sincronizare a acestui utilizator era deja în curs.
reason-disabled = Sincronizarea este oprită.
reason-unknown = Acest utilizator nu mai este legat.
reason-out_of_time = Era mai mult de lucru decât încape într-o singură rulare; următoarea continuă imediat.
reason-too_many_deletions = S-ar fi șters mai multe elemente decât de obicei, așa că ștergerile așteaptă o decizie.
reason-never_authorized = Accesul la Google nu a fost încă acordat.
reason-invalid_grant = Accesul a fost retras, parola a fost schimbată sau aplicația este încă în testare la Google, unde accesul se încheie după șapte zile.
reason-no_refresh_token = Nu există autorizare pentru Google.
reason-token_refused = Google nu mai acceptă accesul.
reason-missing_scope = O permisiune de care sincronizarea are nevoie nu a fost acordată sau a fost retrasă.
reason-other = S-a încheiat dintr-un motiv care apare în jurnalul tehnic al acestei instalări.
reason-at-crm = CRM-ul: { $message }
reason-at-google = Google: { $message }

# Setări, ale unui utilizator și ale noilor utilizatori ai unui CRM

group-when = Când
group-events = Întâlniri și apeluri
group-calendars = Calendare Google
group-private = Evenimente private și invitați
group-hours = Program
group-tasks = Sarcini
group-contacts = Contacte
label-enabled = Sincronizarea pornește de îndată ce utilizatorul și-a dat acordul
label-interval_minutes = Minute între două sincronizări
label-settings-interval_minutes = Minute între două sincronizări
label-start_from = Nu atinge ce este înainte de
start-hint = Gol: cu 30 de zile înainte de ziua în care este legat utilizatorul.
label-events-enabled = Ține întâlnirile și apelurile la zi cu Google Calendar
meetings = Întâlniri
calls = Apeluri
label-events-record_types = Întâlniri și apeluri
label-events-direction = Sensul
direction-both = În ambele sensuri
direction-crm_to_google = Numai din CRM în Google
direction-google_to_crm = Numai din Google în CRM
label-events-conflict_winner = Dacă același lucru a fost modificat pe ambele părți, se păstrează
winner-newest = cea mai recentă modificare
winner-crm = valoarea din CRM
winner-google = valoarea din Google
winner-hint = Cealaltă valoare rămâne în jurnal 30 de zile.
label-events-deletions = Dacă ceva este șters pe o parte
deletions-propagate = se șterge și pe cealaltă
deletions-keep = se păstrează pe cealaltă
deletions-hint = Ștergerile neobișnuit de numeroase așteaptă întotdeauna confirmarea ta.
label-events-description = Descrierile se scriu ca
description-text = text simplu
description-html = HTML
label-events-calendars = Calendare ținute la zi
label-calendars-typed = Calendare ținute la zi, câte unul pe rând
calendars-unlisted = Google nu a dat acum lista calendarelor, așa că ele apar cu ID-ul lor.
calendars-hint = „primary” este calendarul tău. Celelalte se indică prin ID-ul calendarului, afișat în setările Google Calendar.
calendar-own = (al tău)
calendar-gone = (nu mai este în lista Google)
calendar-dedicated = Un calendar propriu al sincronizării
label-events-target_calendar = Calendarul care primește ce creează CRM-ul
label-events-private = Evenimentele private
private-both = sunt sincronizate ca toate celelalte
private-to_google = trec numai din CRM în Google
private-to_crm = trec numai din Google în CRM
private-none = nu sunt copiate niciodată
label-events-private_as_busy = Copiază evenimentele private ca „Ocupat”, fără detalii
label-events-notify_guests = Lasă Google să anunțe invitații prin e-mail despre modificările făcute în CRM
label-events-hours = Numai ce începe în acest interval
days = Zile
label-events-hours-days = Zile
label-events-hours-from = De la
label-events-hours-to = Până la
label-events-hours-time_zone = Fus orar
day-mon = luni
day-tue = marți
day-wed = miercuri
day-thu = joi
day-fri = vineri
day-sat = sâmbătă
day-sun = duminică
label-tasks-enabled = Ține sarcinile la zi cu Google Tasks
label-tasks-direction = Sensul sarcinilor
label-tasks-conflict_winner = Dacă aceeași sarcină a fost modificată pe ambele părți, se păstrează
label-tasks-deletions = Dacă o sarcină este ștearsă pe o parte
label-tasks-list = Lista din Google Tasks
tasks-list-hint = „@default” este prima ta listă.
contacts-label-hint = Dacă nu există încă, este creată de îndată ce un contact trebuie să o primească.
label-contacts-enabled = Ține contactele la zi cu Google Contacte
label-contacts-direction = Sensul contactelor
label-contacts-conflict_winner = Dacă același contact a fost modificat pe ambele părți, se păstrează
label-contacts-deletions = Dacă un contact este șters pe o parte
label-contacts-scope = Ce contacte
contacts-tagged = cele cu marcajul sau eticheta de mai jos
contacts-all = toate ale mele
label-contacts-tags = Marcaje în CRM, separate prin virgulă
label-contacts-label = Eticheta din Google Contacte
save-settings = Salvează setările
nothing-saved = Nu s-a salvat nimic:
