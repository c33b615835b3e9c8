# Lo que puede mostrar cualquier página.

product = CRM Google Sync
skip = Ir al contenido
languages = Idioma
on-this-page = En esta página
back = Volver
sign-out = Cerrar sesión
sign-in = Iniciar sesión
remove = Eliminar
copy = Copiar
copied = Copiado
yes = sí
no = no

side-crm = CRM
side-google = Google
kind-event = Reuniones y llamadas
kind-task = Tareas
kind-contact = Contactos

# Fechas y horas

month-1 = ene
month-2 = feb
month-3 = mar
month-4 = abr
month-5 = may
month-6 = jun
month-7 = jul
month-8 = ago
month-9 = sept
month-10 = oct
month-11 = nov
month-12 = dic
date = { $day } { $month } { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = en cualquier momento
due-in = { $count ->
    [one] dentro de { $count } minuto
   *[other] dentro de { $count } minutos
}

# Estado

state-active = Activada
state-disabled = Desactivada
state-needs_authorization = Acceso terminado
state-held = A la espera de una decisión
outcome-ok = Hecho
outcome-partial = Hecho en parte
outcome-held = A la espera de una decisión
outcome-needs_authorization = Acceso terminado
outcome-failed = Fallida
outcome-skipped = Omitida
last-run = Última sincronización
next-run = Próxima sincronización
none-yet = ninguna todavía
no-next-run = ninguna prevista
sync-now = Sincronizar ahora
disconnect-open = Desvincular…
disconnect-now = Desvincular ahora

# Qué hizo una sincronización

trigger-schedule = según lo programado
trigger-manual = a mano
trigger-google = Google avisó de un cambio
trigger-crm = el CRM avisó de un cambio
trigger-continuation = siguió donde se detuvo la anterior
did-in-crm = en el CRM { $what }
did-in-google = en Google { $what }
did-created = { $count ->
    [one] { $count } creado
   *[other] { $count } creados
}
did-updated = { $count ->
    [one] { $count } modificado
   *[other] { $count } modificados
}
did-deleted = { $count ->
    [one] { $count } eliminado
   *[other] { $count } eliminados
}
did-paired = { $count ->
    [one] { $count } ya estaba en ambos lados
   *[other] { $count } ya estaban en ambos lados
}
did-conflicts = { $count ->
    [one] { $count } valor cambiado en ambos lados
   *[other] { $count } valores cambiados en ambos lados
}
reason-leased = Ya había otra sincronización de este usuario en curso.
reason-disabled = La sincronización está desactivada.
reason-unknown = Este usuario ya no está vinculado.
reason-out_of_time = Había más por hacer de lo que cabe en una ejecución; la siguiente continúa enseguida.
reason-too_many_deletions = Se habrían eliminado más elementos de lo habitual, por lo que las eliminaciones esperan una decisión.
reason-never_authorized = Todavía no se ha concedido acceso a Google.
reason-invalid_grant = Se retiró el acceso, se cambió la contraseña o la aplicación sigue en pruebas en Google, donde el acceso caduca a los siete días.
reason-no_refresh_token = No hay autorización para Google.
reason-token_refused = Google ya no acepta el acceso.
reason-missing_scope = Un permiso que la sincronización necesita no se concedió o se retiró.
reason-other = Terminó por un motivo que consta en el registro de esta instalación.
reason-at-crm = El CRM: { $message }
reason-at-google = Google: { $message }

# Ajustes, de un usuario y de los nuevos usuarios de un CRM

group-when = Cuándo
group-events = Reuniones y llamadas
group-calendars = Calendarios de Google
group-private = Eventos privados e invitados
group-hours = Horario
group-tasks = Tareas
group-contacts = Contactos
label-enabled = La sincronización se activa en cuanto el usuario da su autorización
label-interval_minutes = Minutos entre dos sincronizaciones
label-settings-interval_minutes = Minutos entre dos sincronizaciones
label-start_from = No tocar lo anterior al
start-hint = Vacío: 30 días antes del día en que se vincula al usuario.
label-events-enabled = Mantener reuniones y llamadas al día con Google Calendar
meetings = Reuniones
calls = Llamadas
label-events-record_types = Reuniones y llamadas
label-events-direction = Sentido
direction-both = En ambos sentidos
direction-crm_to_google = Solo del CRM a Google
direction-google_to_crm = Solo de Google al CRM
label-events-conflict_winner = Si lo mismo se cambió en ambos lados, conservar
winner-newest = el cambio más reciente
winner-crm = el valor del CRM
winner-google = el valor de Google
winner-hint = El otro valor queda en el diario durante 30 días.
label-events-deletions = Si algo se elimina en un lado
deletions-propagate = eliminarlo también en el otro
deletions-keep = conservarlo en el otro
deletions-hint = Si las eliminaciones son inusualmente numerosas, siempre esperan tu confirmación.
label-events-description = Escribir las descripciones como
description-text = texto sin formato
description-html = HTML
label-events-calendars = Calendarios que se sincronizan
label-calendars-typed = Calendarios que se sincronizan, uno por línea
calendars-unlisted = En este momento Google no ha facilitado la lista de calendarios, así que aparecen por su ID.
calendars-hint = «primary» es tu propio calendario. Los demás se indican con el ID de calendario que muestra la configuración de Google Calendar.
calendar-own = (el tuyo)
calendar-gone = (ya no está en la lista de Google)
calendar-dedicated = Un calendario propio de la sincronización
label-events-target_calendar = Calendario que recibe lo que crea el CRM
label-events-private = Eventos privados
private-both = se sincronizan como los demás
private-to_google = van solo del CRM a Google
private-to_crm = van solo de Google al CRM
private-none = no se copian nunca
label-events-private_as_busy = Copiar los eventos privados como «Ocupado», sin detalles
label-events-notify_guests = Permitir que Google avise por correo a los invitados de los cambios hechos en el CRM
label-events-hours = Solo lo que empieza dentro de este horario
days = Días
label-events-hours-days = Días
label-events-hours-from = Desde
label-events-hours-to = Hasta
label-events-hours-time_zone = Zona horaria
day-mon = lunes
day-tue = martes
day-wed = miércoles
day-thu = jueves
day-fri = viernes
day-sat = sábado
day-sun = domingo
label-tasks-enabled = Mantener las tareas al día con Google Tasks
label-tasks-direction = Sentido de las tareas
label-tasks-conflict_winner = Si la misma tarea se cambió en ambos lados, conservar
label-tasks-deletions = Si una tarea se elimina en un lado
label-tasks-list = Lista de Google Tasks
tasks-list-hint = «@default» es tu primera lista.
contacts-label-hint = Si todavía no existe, se crea en cuanto un contacto tenga que llevarla.
label-contacts-enabled = Mantener los contactos al día con Contactos de Google
label-contacts-direction = Sentido de los contactos
label-contacts-conflict_winner = Si el mismo contacto se cambió en ambos lados, conservar
label-contacts-deletions = Si un contacto se elimina en un lado
label-contacts-scope = Qué contactos
contacts-tagged = los que llevan la marca o la etiqueta de abajo
contacts-all = todos los míos
label-contacts-tags = Marcas en el CRM, separadas por comas
label-contacts-label = Etiqueta en Contactos de Google
save-settings = Guardar los ajustes
nothing-saved = No se ha guardado nada:
