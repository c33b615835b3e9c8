# Drumul până la Google și înapoi, și pagina utilizatorului.

authorize-title = Leagă-ți contul Google
authorize-lead = { $crm } vrea să țină întâlnirile și apelurile tale la zi cu Google Calendar.
authorize-user = Utilizatorul din CRM
authorize-user-id = utilizatorul { $id }
authorize-user-by-mail = găsit după adresa de e-mail a contului Google cu care te conectezi
authorize-account = Contul Google
authorize-account-next = cel pe care îl alegi pe pagina următoare
authorize-access = Acces
authorize-access-mail = la adresa ta de e-mail
authorize-access-events = la evenimentele din calendarele tale, pentru citire și scriere
authorize-access-list = la lista calendarelor tale, ca să poți alege
authorize-access-tasks = la sarcinile tale, pentru citire și scriere
authorize-access-contacts = la contactele tale, pentru citire și scriere
authorize-is-it-you = Tu ești?
authorize-only-you = Continuă numai dacă utilizatorul din CRM de mai sus este al tău: cine îl folosește îți va vedea calendarul.
authorize-go = Continuă la Google
authorize-promise = Invitații la evenimentele tale nu primesc e-mailuri. Poți schimba ce se sincronizează, poți opri sau dezlega oricând.

me-title = Sincronizarea ta
me-heading = Sincronizarea: { $name }
status = Stare
settings = Setări
history = Istoric
journal = Jurnal
disconnect = Dezlegare

standing-active = CRM-ul tău și { $email } sunt la zi.
standing-new = CRM-ul tău și { $email } sunt legate. Prima sincronizare nu s-a încheiat încă.
standing-running = O sincronizare este în curs.
standing-disabled = Sincronizarea este oprită. Nu se citește și nu se scrie nimic până nu o pornești.
standing-disabled-new = Sincronizarea nu este încă pornită. Dacă vrei, uită-te mai întâi ce ar face.
standing-needs_authorization = Google a încheiat accesul, așa că nu se sincronizează nimic. Datele tale sunt neatinse: autorizează din nou și se continuă de unde s-a oprit.
standing-held = Unele ștergeri așteaptă confirmarea ta; restul este la zi.
standing-own-calendar = Pentru ca sincronizarea să poată face un calendar propriu este nevoie de permisiunea ta la Google.
standing-allow = Permite-l la Google
in-step = La zi
pairs = { $count ->
    [one] { $count } element
    [few] { $count } elemente
   *[other] { $count } de elemente
}
parked = { $count ->
    [one] { $count } în așteptare din cauza unei probleme
    [few] { $count } în așteptare din cauza unei probleme
   *[other] { $count } în așteptare din cauza unei probleme
}
working = O sincronizare este în curs
working-for = { $count ->
    [one] În curs de { $count } secundă
    [few] În curs de { $count } secunde
   *[other] În curs de { $count } de secunde
}
authorize-again = Autorizează din nou
switch-on = Pornește sincronizarea
switch-off = Oprește sincronizarea
preview = Previzualizare

held-title = Așteaptă confirmarea ta
held-since = Din { $since } o sincronizare vrea să șteargă mai mult decât de obicei:
held-crm = { $count ->
    [one] { $count } înregistrare în CRM
    [few] { $count } înregistrări în CRM
   *[other] { $count } de înregistrări în CRM
}
held-google = { $count ->
    [one] { $count } eveniment în Google
    [few] { $count } evenimente în Google
   *[other] { $count } de evenimente în Google
}
held-why = Corespondentele lor de pe cealaltă parte nu mai există. Nu se șterge nimic până nu confirmi.
held-examples = Printre ele:
held-confirm = Șterge-le
held-otherwise = Dacă trebuie să rămână, pune la loc pe cealaltă parte ce a fost șters.
look-at-it = Deschide
problems = Probleme
problems-lead = Acestea nu au trecut; toate celelalte, da. Fiecare este reîncercată automat.
tried = { $count ->
    [one] { $count } încercare
    [few] { $count } încercări
   *[other] { $count } de încercări
}
next-try = următoarea încercare: { $when }
more-problems = { $count ->
    [one] și încă { $count }
    [few] și încă { $count }
   *[other] și încă { $count }
}
no-run-yet = Încă nu s-a sincronizat nimic.
nothing-to-do = Nimic de făcut: cele două părți coincideau.
journal-lead = Ce a înlocuit sau a șters o sincronizare în ultimele 30 de zile. Punerea la loc a unei valori este o modificare obișnuită, pe care următoarea sincronizare o duce mai departe.
journal-empty = Nu s-a înlocuit și nu s-a șters nimic.
lost-field-crm = Înlocuit în CRM, { $field }:
lost-field-google = Înlocuit în Google, { $field }:
lost-record-crm = Șters în CRM:
lost-record-google = Șters în Google:
field-title = titlu
field-description = descriere
field-location = loc
field-when = data și ora
field-private = privat
field-notes = note
field-due = termen
field-status = stare
field-prefix = formulă de adresare
field-given_name = prenume
field-middle_name = al doilea prenume
field-family_name = nume de familie
field-suffix = sufix
field-email_work = e-mail de serviciu
field-email_home = e-mail personal
field-email_other = alt e-mail
field-phone_mobile = telefon mobil
field-phone_work = telefon de serviciu
field-phone_home = telefon de acasă
field-phone_other = alt telefon
field-phone_fax = fax
field-address_work = adresa de serviciu
field-address_home = adresa de acasă
field-address_other = altă adresă
field-organization = companie
field-department = departament
field-job_title = funcție
field-birthday = zi de naștere
field-website = site web
field-website_other = alt site web
field-labelled = etichetă
restore = Pune la loc
restored = Pus la loc
older = Înregistrări mai vechi
disconnect-lead = Încheie accesul la { $email } și uită ce elemente își corespund. Întâlnirile și evenimentele rămân cum sunt pe ambele părți.

preview-title = Ce ar face următoarea sincronizare
preview-lead = Nu s-a scris nimic.
preview-counts = În total
preview-where = Unde
preview-new = Noi
preview-changed = Modificate
preview-deleted = Șterse
preview-paired = { $count ->
    [0] Nu s-a găsit nimic care să fie deja pe ambele părți.
    [one] { $count } element este deja pe ambele părți.
    [few] { $count } elemente sunt deja pe ambele părți.
   *[other] { $count } de elemente sunt deja pe ambele părți.
}
preview-held = Atât de multe ștergeri ar aștepta confirmarea ta.
preview-examples = Exemple
planned-create = Se creează, { $side }
planned-update = Se modifică, { $side }
planned-delete = Se șterge, { $side }
planned-pair = Deja pe ambele părți
back-to-sync = Înapoi la sincronizarea ta
